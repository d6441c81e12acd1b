export * from '@mediapipe/tasks-vision';
