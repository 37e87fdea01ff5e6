/** A track shown or sounded. */

import { html, signal, useEffect, useRef, useState } from "./ui.js";

/** Browsers hold sound back until the user touches the page: from then on every waiting sound plays. */
const touched = signal(false);
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (touched.value = true), { once: true, capture: true });

/** No frame for this long: the picture on the screen is old, and is said to be. */
const STALE_MS = 3_000;

/**
 * @param {object} props
 * @param {MediaStreamTrack | null | undefined} props.track
 * @param {string} props.label  what it shows, for people who do not see it
 * @param {string} [props.id]
 * @param {string} [props.class]
 * @param {boolean} [props.mirror]  one's own picture, as in a mirror
 * @param {any} [props.waiting]  shown while no frame came yet, or none for some seconds
 */
export function Picture({ track, label, id, class: className = "", mirror = false, waiting = null }) {
  const element = /** @type {{ current: HTMLVideoElement | null }} */ (useRef(null));
  const [stale, setStale] = useState(true);
  useEffect(() => {
    const video = element.current;
    if (video === null) return undefined;
    video.srcObject = track ? new MediaStream([track]) : null;
    if (!track) {
      setStale(true);
      return undefined;
    }
    void video.play().catch(() => {});
    let last = -Infinity;
    let handle = 0;
    const onFrame = () => {
      last = performance.now();
      setStale(false);
      handle = video.requestVideoFrameCallback(onFrame);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    const timer = setInterval(() => {
      // A hidden page gets no frame callbacks: nothing is said about the picture then.
      if (document.visibilityState === "visible") setStale(performance.now() - last > STALE_MS);
    }, 1_000);
    return () => {
      clearInterval(timer);
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
    };
  }, [track]);
  return html`<div class="picture ${className}" data-stale=${stale ? "yes" : "no"}>
    <video id=${id} ref=${element} class=${mirror ? "mirror" : ""} aria-label=${label} muted playsinline autoplay disablepictureinpicture></video>
    ${stale && waiting !== null && html`<div class="picture-waiting">${waiting}</div>`}
  </div>`;
}

/** @param {{ track: MediaStreamTrack | null | undefined, volume: number }} props  volume 0 … 1 */
export function Sound({ track, volume }) {
  const element = /** @type {{ current: HTMLAudioElement | null }} */ (useRef(null));
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = track ? new MediaStream([track]) : null;
    if (track) void audio.play().catch(() => {});
  }, [track]);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.volume = volume;
    audio.muted = volume === 0;
    if (volume > 0 && audio.paused && audio.srcObject !== null) void audio.play().catch(() => {});
  }, [volume, touched.value]);
  return html`<audio ref=${element} autoplay></audio>`;
}
