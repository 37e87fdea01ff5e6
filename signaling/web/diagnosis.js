/**
 * `window.diemcau`: a small read-only window for tests and for the help desk. It tells what the page believes and what
 * its peers received; it changes nothing and holds no secret.
 *
 *   role, line, phase, call, stage      as the page shows them (a console has calls and counts)
 *   media    { whep, whip }             idle | joining | live | broken
 *   peers    { whep: n, whip: n }       RTCPeerConnections open now
 *   peerNames, peersCreated             the present ones' names and how many were ever made: a rejoin makes a new one
 *   epoch                               of the media node under which the page joined
 *   stats()                             a promise of { rtt_ms, slots: { "video main": { framesDecoded, … }, … } }
 */

/** @param {{ diagnosis: () => Record<string, unknown>, stats: () => Promise<unknown> }} source */
export function exposeDiagnosis(source) {
  const view = new Proxy(
    {},
    {
      get: (_, name) => (name === "stats" ? () => source.stats() : source.diagnosis()[String(name)]),
      has: (_, name) => name === "stats" || String(name) in source.diagnosis(),
      ownKeys: () => [...Object.keys(source.diagnosis()), "stats"],
      getOwnPropertyDescriptor: (_, name) => ({
        configurable: true,
        enumerable: true,
        value: name === "stats" ? () => source.stats() : source.diagnosis()[String(name)],
      }),
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    },
  );
  Object.defineProperty(window, "diemcau", { value: view, writable: false });
}
