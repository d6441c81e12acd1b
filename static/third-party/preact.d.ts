export { h, render } from 'preact';
export { useEffect, useLayoutEffect, useRef, useState, useMemo, useId } from 'preact/hooks';
import '@preact/signals';
export type { ComponentChildren, RefObject, VNode } from 'preact';
