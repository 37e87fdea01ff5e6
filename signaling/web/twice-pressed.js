/** A button for what cannot be taken back: the first press asks, the second within four seconds does it. */

import { html, useEffect, useSignal } from "./ui.js";

/**
 * @param {object} props
 * @param {string} props.id
 * @param {string} [props.class]
 * @param {string} props.label
 * @param {string} props.again  said after the first press
 * @param {() => void} props.onPress
 * @param {any} [props.icon]
 */
export function TwicePressed({ id, class: className, label, again, onPress, icon = null }) {
  const armed = useSignal(false);
  useEffect(() => {
    if (!armed.value) return undefined;
    const timer = setTimeout(() => (armed.value = false), 4_000);
    return () => clearTimeout(timer);
  }, [armed.value]);
  return html`<button type="button" id=${id} class=${className} data-armed=${armed.value ? "yes" : "no"} onClick=${() => {
    if (armed.value) onPress();
    armed.value = !armed.value;
  }}>${icon}<span aria-live="polite">${armed.value ? again : label}</span></button>`;
}
