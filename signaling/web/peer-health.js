/**
 * Watches one RTCPeerConnection and says once when it is broken. `connectionState` alone does not do: a server's
 * close_notify closes `dtlsTransport` without any `connectionstatechange`, and `disconnected` may heal.
 */

/** `disconnected` for this long is a loss; browsers need 15 to 26 s to say `failed`. */
export const DISCONNECTED_MS = 3_000;
/** From the answer until connected. */
export const CONNECT_MS = 10_000;

/**
 * @param {RTCPeerConnection} peer  after its remote description is set
 * @param {(why: string) => void} onBroken  called at most once
 * @returns {() => void} stop watching
 */
export function watchPeer(peer, onBroken) {
  let done = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let disconnected;
  const connecting = setTimeout(() => peer.connectionState !== "connected" && broken("connect timeout"), CONNECT_MS);
  const transport = [...peer.getReceivers(), ...peer.getSenders()].map((end) => end.transport).find((found) => found !== null);

  const stop = () => {
    done = true;
    clearTimeout(connecting);
    clearTimeout(disconnected);
    peer.removeEventListener("iceconnectionstatechange", onIce);
    peer.removeEventListener("connectionstatechange", onConnection);
    transport?.removeEventListener("statechange", onDtls);
  };
  /** @param {string} why */
  const broken = (why) => {
    if (done) return;
    stop();
    onBroken(why);
  };
  const onIce = () => {
    const state = peer.iceConnectionState;
    if (state === "failed" || state === "closed") return broken(`ice ${state}`);
    if (state === "disconnected") {
      disconnected ??= setTimeout(() => broken("ice disconnected"), DISCONNECTED_MS);
    } else {
      clearTimeout(disconnected);
      disconnected = undefined;
    }
  };
  const onConnection = () => {
    if (peer.connectionState === "connected") clearTimeout(connecting);
    if (peer.connectionState === "failed") broken("connection failed");
  };
  const onDtls = () => {
    if (transport?.state === "closed" || transport?.state === "failed") broken(`dtls ${transport.state}`);
  };
  peer.addEventListener("iceconnectionstatechange", onIce);
  peer.addEventListener("connectionstatechange", onConnection);
  transport?.addEventListener("statechange", onDtls);
  return stop;
}
