/** The page's own sounds: unlocked by the user's gesture, the ring, a test tone, and the level of a microphone. */

/** @type {AudioContext | null} */
let context = null;

/** Call it in a click: from then on the page may sound. */
export function unlockSound() {
  context ??= new AudioContext();
  void context.resume();
}

/** @returns {boolean} */
export function isSoundUnlocked() {
  return context?.state === "running";
}

const RING_PERIOD_MS = 2_400;

/**
 * Ring until stopped: two rising double tones every 2.4 s, vibration where there is any, and a title that alternates.
 * @param {string} title  shown in the tab every other second
 * @returns {() => void} stop
 */
export function startRinging(title) {
  const before = document.title;
  const beat = () => {
    tone(0, 660, 0.35);
    tone(0.4, 880, 0.35);
    tone(1.0, 660, 0.35);
    tone(1.4, 880, 0.35);
    navigator.vibrate?.([350, 50, 350, 250, 350, 50, 350]);
  };
  beat();
  const ring = setInterval(beat, RING_PERIOD_MS);
  let on = true;
  document.title = title;
  const flash = setInterval(() => {
    on = !on;
    document.title = on ? title : `● ${before}`;
  }, 1_000);
  return () => {
    clearInterval(ring);
    clearInterval(flash);
    navigator.vibrate?.(0);
    document.title = before;
    hush();
  };
}

/** Three rising tones: somebody is asked for. */
export function chime() {
  tone(0, 523, 0.25);
  tone(0.3, 659, 0.25);
  tone(0.6, 784, 0.5);
  navigator.vibrate?.([250, 100, 250]);
}

/** Half a second that says the speaker works. */
export function testTone() {
  unlockSound();
  tone(0, 523, 0.25);
  tone(0.25, 659, 0.25);
}

/** @type {Set<OscillatorNode>} */
const playing = new Set();

/** @param {number} afterS @param {number} hertz @param {number} seconds */
function tone(afterS, hertz, seconds) {
  if (context === null) return;
  void context.resume();
  const start = context.currentTime + afterS;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.5, start + 0.02);
  gain.gain.setValueAtTime(0.5, start + seconds - 0.05);
  gain.gain.linearRampToValueAtTime(0, start + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
  playing.add(oscillator);
  oscillator.onended = () => playing.delete(oscillator);
}

function hush() {
  for (const oscillator of playing) oscillator.stop();
}

/**
 * Ten times a second the loudness of a microphone, 0 … 1, as people hear it (-60 dB … 0 dB).
 * @param {MediaStream} stream @param {(level: number) => void} onLevel
 * @returns {() => void} stop
 */
export function watchLevel(stream, onLevel) {
  if (stream.getAudioTracks().length === 0) return () => {};
  const listening = new AudioContext();
  const source = listening.createMediaStreamSource(stream);
  const analyser = listening.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    onLevel(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6)));
  }, 100);
  return () => {
    clearInterval(timer);
    void listening.close();
  };
}

/**
 * Tell the system of a ring while the page is not in front; only where somebody here allowed that before.
 * @param {string} title @param {string} body
 * @returns {() => void} take it away
 */
export function notify(title, body) {
  if (!("Notification" in globalThis) || Notification.permission !== "granted" || document.visibilityState === "visible") return () => {};
  try {
    const note = new Notification(title, { body, tag: "diemcau-ring", requireInteraction: true, icon: "/static/icon.svg" });
    note.onclick = () => {
      window.focus();
      note.close();
    };
    return () => note.close();
  } catch {
    return () => {}; // a phone's browser has notifications for service workers only
  }
}
