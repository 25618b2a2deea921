// The two edits of SDP an ICE restart needs: our side as a fragment, the server's fragment put into its old answer.

const lines = (sdp: string): string[] => sdp.split(/\r?\n/).filter((line) => line !== '');
const joined = (all: string[]): string => all.join('\r\n') + '\r\n';

const FRAGMENT_SESSION = /^a=(group:BUNDLE|ice-options:|ice-lite)/;
const FRAGMENT_ICE = /^a=(ice-ufrag:|ice-pwd:|ice-options:)/;

/** The ICE half of an offer as `application/trickle-ice-sdpfrag` (RFC 8840): the bundle's first section speaks for all. */
export function restartFragment(offer: string): string {
  const all = lines(offer);
  const at = all.findIndex((line) => line.startsWith('m='));
  const session = all.slice(0, at).filter((line) => FRAGMENT_SESSION.test(line));
  const rest = all.slice(at + 1);
  const end = rest.findIndex((line) => line.startsWith('m='));
  const first = end < 0 ? rest : rest.slice(0, end);
  const mid = first.filter((line) => line.startsWith('a=mid:'));
  const ice = first.filter((line) => FRAGMENT_ICE.test(line));
  return joined([...session, all[at] ?? 'm=audio 9 UDP/TLS/RTP/SAVPF 0', ...mid, ...ice]);
}

/** The old answer with the fragment's credentials, and its candidates where it has any. */
export function restartedAnswer(answer: string, fragment: string): string {
  const said = lines(fragment);
  const ufrag = said.find((line) => line.startsWith('a=ice-ufrag:'));
  const pwd = said.find((line) => line.startsWith('a=ice-pwd:'));
  if (!ufrag || !pwd) throw new Error('the restart answer has no credentials');
  const candidates = said.filter((line) => line.startsWith('a=candidate:'));
  return joined(lines(answer).flatMap((line) => renewed(line, ufrag, pwd, candidates)));
}

function renewed(line: string, ufrag: string, pwd: string, candidates: string[]): string[] {
  if (line.startsWith('a=ice-ufrag:')) return [ufrag];
  if (line.startsWith('a=ice-pwd:')) return [pwd, ...candidates];
  if (line.startsWith('a=candidate:') && candidates.length > 0) return [];
  return [line];
}
