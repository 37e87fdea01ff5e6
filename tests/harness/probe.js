// Put into every page before its own scripts: counts what the page does with WebRTC and the camera, looks at pictures
// and listens to sounds as a person would: only what is shown and only what plays.
(() => {
  const probe = { peers: [], streams: [], errors: [] };
  window.__probe = probe;
  addEventListener("error", (event) => probe.errors.push(String(event.message)));
  addEventListener("unhandledrejection", (event) => probe.errors.push(`unhandled: ${event.reason}`));
  addEventListener("securitypolicyviolation", (event) => probe.errors.push(`CSP: ${event.violatedDirective} ${event.blockedURI}`));

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      this.negotiations = 0;
      this.offeredAt = null;
      this.connectMs = null;
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") this.connectMs ??= Math.round(performance.now() - this.offeredAt);
      });
      probe.peers.push(this);
    }
    setLocalDescription(...args) {
      this.negotiations += 1;
      this.offeredAt ??= performance.now();
      return super.setLocalDescription(...args);
    }
  };
  const media = navigator.mediaDevices;
  if (media) {
    const open = media.getUserMedia.bind(media);
    media.getUserMedia = async (constraints) => {
      if (window.__refuseDevices) throw new DOMException("refused by the test", window.__refuseDevices);
      const stream = await open(constraints);
      probe.streams.push(stream);
      return stream;
    };
  }

  /** How many connections were made, how often each negotiated, which of them live. */
  probe.connections = () => probe.peers.map((peer) => ({ negotiations: peer.negotiations, state: peer.connectionState }));

  /** Of every live connection: how it reaches the service (udp or tcp), and how long that took from the offer on. */
  probe.lines = async () => {
    const lines = [];
    for (const peer of probe.peers) {
      if (peer.connectionState !== "connected") continue;
      const reports = await peer.getStats();
      const transport = [...reports.values()].find((report) => report.type === "transport");
      const pair = reports.get(transport?.selectedCandidatePairId);
      lines.push({ protocol: reports.get(pair?.remoteCandidateId)?.protocol ?? "", connectMs: peer.connectMs });
    }
    return lines;
  };

  /** How many tracks of cameras and microphones are on. */
  probe.liveDevices = () =>
    probe.streams.flatMap((stream) => stream.getTracks()).filter((track) => track.readyState === "live").map((track) => track.kind);

  /** The colour in the middle of the picture of a video element that is shown, or null. */
  probe.colour = (selector) => {
    const video = document.querySelector(selector);
    if (!(video instanceof HTMLVideoElement) || video.readyState < 2 || video.videoWidth === 0) return null;
    if (!video.checkVisibility()) return null;
    const canvas = new OffscreenCanvas(16, 16);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const { videoWidth: width, videoHeight: height } = video;
    context.drawImage(video, width * 0.4, height * 0.4, width * 0.2, height * 0.2, 0, 0, 16, 16);
    const pixels = context.getImageData(0, 0, 16, 16).data;
    const sum = [0, 0, 0];
    for (let i = 0; i < pixels.length; i += 4) for (const c of [0, 1, 2]) sum[c] += pixels[i + c];
    return sum.map((value) => Math.round(value / (pixels.length / 4)));
  };

  let listening = null;
  const ears = new Map();
  const played = new WeakMap();
  /** What an element plays: a stream that it was given, or the file behind its address. */
  const streamOf = (element) => {
    if (element.srcObject instanceof MediaStream) return element.srcObject;
    if (element.srcObject !== null || element.readyState < 2 || !element.captureStream) return null;
    if (!played.has(element)) played.set(element, element.captureStream());
    return played.get(element);
  };
  /** The strongest frequency of each sound that plays now and is not silent. */
  probe.tones = () => {
    listening ??= new AudioContext();
    void listening.resume();
    const found = [];
    for (const element of document.querySelectorAll("audio, video")) {
      const stream = streamOf(element);
      if (stream === null || element.muted || element.paused || element.volume === 0) continue;
      for (const track of stream.getAudioTracks()) {
        if (track.readyState !== "live" || !track.enabled) continue;
        let ear = ears.get(track);
        if (ear === undefined) {
          ear = listening.createAnalyser();
          ear.fftSize = 8192;
          ear.smoothingTimeConstant = 0;
          listening.createMediaStreamSource(new MediaStream([track])).connect(ear);
          ears.set(track, ear);
        }
        const levels = new Float32Array(ear.frequencyBinCount);
        ear.getFloatFrequencyData(levels);
        let best = 0;
        for (let i = 1; i < levels.length; i += 1) if (levels[i] > levels[best]) best = i;
        if (levels[best] > -55) found.push(Math.round((best * listening.sampleRate) / ear.fftSize));
      }
    }
    return found;
  };

  /** Inbound video of all live connections: frames decoded, freezes, packets lost. */
  probe.received = async () => {
    const total = { framesDecoded: 0, freezeCount: 0, totalFreezesDuration: 0, packetsLost: 0, packetsReceived: 0, nackCount: 0, pliCount: 0 };
    for (const peer of probe.peers) {
      if (peer.connectionState === "closed") continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
        for (const name of Object.keys(total)) total[name] += report[name] ?? 0;
      }
    }
    return total;
  };
})();
