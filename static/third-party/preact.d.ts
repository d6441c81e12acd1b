export { h, render, Fragment, createRef } from 'preact';
export { useEffect, useLayoutEffect, useRef, useState, useMemo, useId, useCallback } from 'preact/hooks';
export { useSignal, useComputed, useSignalEffect } from '@preact/signals';
export type { ComponentChildren, RefObject, VNode } from 'preact';
