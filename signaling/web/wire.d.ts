// The WebSocket's messages as types, made from the models of signaling/ by `python -m tools.wire_types`: edit
// those, not this. What the words mean is in signaling/PROTOCOL.md. Types only: no page loads this file.

export type Wire = ServerMessage | ClientMessage | Command;
export type ServerMessage =
  | Welcome
  | Refused
  | MediaMessage
  | PictureMessage
  | StillsState
  | StageMessage
  | Ring
  | CallMessage
  | Frame
  | Changes
  | Calls
  | AttendingMessage
  | RollCallMessage
  | RollCallBoard
  | FloorMessage
  | FloorQueue
  | AgendaMessage
  | DirectiveMessage
  | DirectiveBoard
  | ProposalMessage
  | ProposalsMessage
  | DrawMessage
  | TalkbackMessage
  | Ack
  | ErrorMessage
  | Tick
  | EscalationMessage
  | CallListMessage
  | MissedMessage
  | AlertMessage
  | AlertOver
  | RosterMessage;
export type ClientMessage =
  | Hello
  | ReportMessage
  | Ringing
  | Answer
  | Decline
  | DeviceFailed
  | HangUp
  | Present
  | AskFloor
  | WithdrawFloor
  | CallBack
  | Explain
  | ConfirmAlert
  | ConfirmShift
  | AcknowledgeDirective
  | SendProposal
  | LimitPicture
  | StillsConsent
  | CommandMessage;
export type Command =
  | PlaceCallOrder
  | CallOrder
  | TakeOrder
  | RecordingOrder
  | StartRollCallOrder
  | CloseRollCallOrder
  | GiveFloorOrder
  | ExtendFloorOrder
  | FloorOrder
  | RetryCallOrder
  | PlaceCallsOrder
  | StartCallListOrder
  | CallListOrder
  | EscalationOrder
  | MarkContactOrder
  | SetAgendaOrder
  | NextSpeakerOrder
  | SkipSpeakerOrder
  | IssueDirectiveOrder
  | WithdrawDirectiveOrder
  | AnswerProposalOrder
  | ForwardProposalOrder
  | DrawPointsOrder
  | TalkbackOrder;

/**
 * The credential was good; the state of things.
 */
export interface Welcome {
  type: "welcome";
  protocol: 1;
  session: SessionRef;
  role: "center" | "operator" | "observer" | "viewer" | "point";
  point: PointRef | null;
  subject: string;
  token: string;
  token_expires_at: number;
  media: MediaState;
  stage: Stage;
  call: CallView | null;
  at: number;
}
/**
 * Which session this is.
 */
export interface SessionRef {
  id: string;
  title: string;
}
/**
 * Which point the connection is.
 */
export interface PointRef {
  code: string;
  name: string;
  path: string[];
}
/**
 * Is the media node there, and which life of it.
 */
export interface MediaState {
  ready: boolean;
  epoch: string;
}
/**
 * What everybody may know of the session.
 */
export interface Stage {
  session_state: "prepared" | "open" | "closed";
  center_live: boolean;
  on_air: OnAir[];
  recording: boolean;
}
/**
 * One point on air.
 */
export interface OnAir {
  call: string;
  point: string;
  name: string;
}
/**
 * A call as consoles and the called point see it.
 */
export interface CallView {
  id: string;
  point: string;
  point_name: string;
  state: "queued" | "ringing" | "delivered" | "answered" | "connected" | "preview" | "on_air" | "ended" | "failed";
  cause:
    | (
        | "offline"
        | "undelivered"
        | "no_answer"
        | "declined"
        | "no_device"
        | "media_failed"
        | "network_lost"
        | "engaged_above"
        | "cancelled"
      )
    | null;
  by: string;
  monitor: number | null;
  placed_at: number | null;
  ringing_at: number | null;
  delivered_at: number | null;
  answered_at: number | null;
  connected_at: number | null;
  connected_by: ("video" | "audio") | null;
  preview_at: number | null;
  on_air_at: number | null;
  off_air_at: number | null;
  air_at: number | null;
  interrupted_at: number | null;
  ended_at: number | null;
  deliver_deadline: number | null;
  answer_deadline: number | null;
  evidence: Evidence | null;
  trail: TrailEntry[];
  record: string;
  together: string | null;
  called_back_at: number | null;
  explained_at: number | null;
}
/**
 * What was known in the moment a call failed.
 */
export interface Evidence {
  point_live: boolean;
  last_seen: number | null;
  offline_since: number | null;
  left_reason: string | null;
  rings_sent: number;
  rang_at: number | null;
  delivered_at: number | null;
  answered_at: number | null;
  deadline: number | null;
  video: boolean;
  audio: boolean;
  device: ("camera" | "microphone") | null;
  detail: string;
  report: Report | null;
}
/**
 * What a point's machine says of itself; evidence on a call's record.
 */
export interface Report {
  visible: boolean | null;
  camera: "ok" | "absent" | "refused" | "unknown";
  microphone: "ok" | "absent" | "refused" | "unknown";
  rtt_ms: number | null;
  device: string | null;
}
/**
 * One step of a call with its evidence.
 */
export interface TrailEntry {
  at: number;
  what: string;
  by: string;
  note: string | null;
  report: Report | null;
}
/**
 * The last message before a close.
 */
export interface Refused {
  type: "refused";
  error: ErrorBody;
}
/**
 * A stable code for machines and a sentence for people.
 */
export interface ErrorBody {
  code: string;
  message: Bilingual;
  retry_after_s: number | null;
}
/**
 * One sentence for people, in both languages.
 */
export interface Bilingual {
  vi: string;
  en: string;
}
/**
 * The media node came, went or started anew.
 */
export interface MediaMessage {
  type: "media";
  ready: boolean;
  epoch: string;
}
/**
 * To a point: how much of the pictures it gets from now on.
 */
export interface PictureMessage {
  type: "picture";
  level: "full" | "half" | "quarter" | "sound";
  is_wish: boolean;
}
/**
 * To a point: whether its stills are taken from now on, how often, and how large they may be.
 */
export interface StillsState {
  type: "stills";
  on: boolean;
  every_s: number;
  max_bytes: number;
}
/**
 * The stage changed.
 */
export interface StageMessage {
  type: "stage";
  stage: Stage;
}
/**
 * To the called point: ring now.
 */
export interface Ring {
  type: "ring";
  call: CallView;
}
/**
 * A call moved.
 */
export interface CallMessage {
  type: "call";
  call: CallView;
}
/**
 * Every point's state, four bits each.
 */
export interface Frame {
  type: "frame";
  version: number;
  directory: string;
  count: number;
  states: string;
}
/**
 * Points whose state is another since an earlier version.
 */
export interface Changes {
  type: "changes";
  version: number;
  changes: [number, number][];
}
/**
 * The calls worth showing, newest first.
 */
export interface Calls {
  type: "calls";
  calls: CallView[];
}
/**
 * To a point: whose programme it gets from now on, and why.
 */
export interface AttendingMessage {
  type: "attending";
  session: SessionRef;
  kind: "standing" | "meeting" | "line";
  center: string;
  level: number;
  reason: "standing" | "meeting" | "call";
  stage: Stage;
}
/**
 * To a point: a roll call asks it, or its own state in one changed.
 */
export interface RollCallMessage {
  type: "roll_call";
  roll_call: QuestionView;
}
/**
 * A roll call as one of its points sees it.
 */
export interface QuestionView {
  id: string;
  state: "asking" | "closed";
  started_at: number;
  deadline: number;
  presence: "waiting" | "present" | "late" | "absent";
  cause: ("offline" | "no_answer") | null;
  confirmed_at: number | null;
  name: string | null;
  function: string | null;
}
/**
 * To a console: the counters of a roll call.
 */
export interface RollCallBoard {
  type: "roll_call_board";
  roll_call: BoardView;
}
/**
 * A roll call as consoles see it: counters of their scope.
 */
export interface BoardView {
  id: string;
  by: string;
  state: "asking" | "closed";
  started_at: number;
  deadline: number;
  closed_at: number | null;
  total: TallyView;
  units: UnitTallyView[];
  units_left_out: number;
}
/**
 * The counters of a roll call.
 */
export interface TallyView {
  asked: number;
  present: number;
  late: number;
  no_answer: number;
  offline: number;
}
/**
 * The counters of one unit.
 */
export interface UnitTallyView {
  asked: number;
  present: number;
  late: number;
  no_answer: number;
  offline: number;
  unit: string;
  name: string;
}
/**
 * To a point: its own request to speak in a session; None when it has none there any more.
 */
export interface FloorMessage {
  type: "floor";
  session: string;
  request: RequestView | null;
}
/**
 * A request to speak.
 */
export interface RequestView {
  id: string;
  point: string;
  point_name: string;
  subject: string;
  state: "waiting" | "called" | "speaking" | "withdrawn" | "done";
  place: number | null;
  asked_at: number;
  started_at: number | null;
  deadline: number | null;
  warned_at: number | null;
}
/**
 * To a console: who speaks and who waits, of its scope.
 */
export interface FloorQueue {
  type: "floor_queue";
  holder: RequestView | null;
  queue: RequestView[];
  waiting: number;
}
/**
 * To a console: the items of its scope, and which of them is next.
 */
export interface AgendaMessage {
  type: "agenda";
  items: AgendaItemView[];
  next: string | null;
}
/**
 * One item.
 */
export interface AgendaItemView {
  id: string;
  place: number;
  point: string;
  point_name: string;
  subject: string;
  duration_ms: number;
  state: "waiting" | "called" | "speaking" | "done" | "missed" | "skipped";
  tries: number;
  called_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  spoken_ms: number;
}
/**
 * To a point: a directive is addressed to it, or its own state in one changed.
 */
export interface DirectiveMessage {
  type: "directive";
  directive: NoticeView;
}
/**
 * A directive as one of its points hears of it.
 */
export interface NoticeView {
  id: string;
  title: string;
  by: string;
  session: string;
  state: "running" | "due" | "withdrawn";
  issued_at: number;
  deadline: number;
  withdrawn_at: number | null;
  answer: "waiting" | "in_time" | "late" | "overdue";
  acknowledged_at: number | null;
  name: string | null;
  function: string | null;
}
/**
 * To a console: the counters of a directive.
 */
export interface DirectiveBoard {
  type: "directive_board";
  directive: DirectiveBoardView;
}
/**
 * A directive as consoles see it: counters of their scope.
 */
export interface DirectiveBoardView {
  id: string;
  title: string;
  by: string;
  session: string;
  state: "running" | "due" | "withdrawn";
  issued_at: number;
  deadline: number;
  withdrawn_at: number | null;
  total: DirectiveTally;
  units: UnitDirectiveTally[];
  units_left_out: number;
}
/**
 * The counters of a directive.
 */
export interface DirectiveTally {
  addressed: number;
  in_time: number;
  late: number;
  silent: number;
  offline: number;
}
/**
 * The counters of one unit.
 */
export interface UnitDirectiveTally {
  addressed: number;
  in_time: number;
  late: number;
  silent: number;
  offline: number;
  unit: string;
  name: string;
}
/**
 * To a console: a proposal was sent or moved.
 */
export interface ProposalMessage {
  type: "proposal";
  proposal: ProposalRow;
}
/**
 * A proposal in a list, with the beginnings of its text and of the last words about it.
 */
export interface ProposalRow {
  id: string;
  point: string;
  point_name: string;
  session: string;
  state: "sent" | "forwarded" | "accepted" | "declined" | "noted";
  unit: string;
  unit_name: string;
  sent_at: number;
  moved_at: number | null;
  excerpt: string;
  reply: string;
}
/**
 * To a point: its own proposals, to a console those that it sees; the newest first. `open` is how many wait in all.
 */
export interface ProposalsMessage {
  type: "proposals";
  proposals: ProposalRow[];
  open: number;
}
/**
 * To a console: points were drawn.
 */
export interface DrawMessage {
  type: "draw";
  draw: DrawView;
}
/**
 * A draw as a console sees it: the points of its scope.
 */
export interface DrawView {
  id: string;
  at: number;
  by: string;
  k: number;
  units: string[];
  filter: string;
  seed: string;
  candidates: number;
  left_out: number;
  started_over: boolean;
  drawn: DrawnPoint[];
}
/**
 * One point that was drawn, its place in the lot, and when it had last been called.
 */
export interface DrawnPoint {
  place: number;
  point: string;
  point_name: string;
  last_called: number | null;
}
/**
 * To the point of a call, and to consoles: somebody speaks to it alone, or has ceased to.
 */
export interface TalkbackMessage {
  type: "talkback";
  call: string;
  on: boolean;
  by: string;
  by_name: string;
}
/**
 * A command is on disk.
 */
export interface Ack {
  type: "ack";
  id: number;
  at: number;
  call: string | null;
  roll_call: string | null;
  made: string | null;
}
/**
 * A command or message was not carried out.
 */
export interface ErrorMessage {
  type: "error";
  id: number | null;
  error: ErrorBody;
}
/**
 * The line lives.
 */
export interface Tick {
  type: "tick";
  at: number;
}
/**
 * To a console: an escalation moved.
 */
export interface EscalationMessage {
  type: "escalation";
  escalation: LadderView;
}
/**
 * An escalation with its steps.
 */
export interface LadderView {
  id: string;
  record: string;
  point: string;
  point_name: string;
  cause:
    | (
        | "offline"
        | "undelivered"
        | "no_answer"
        | "declined"
        | "no_device"
        | "media_failed"
        | "network_lost"
        | "engaged_above"
        | "cancelled"
      )
    | null;
  by: string;
  state: "running" | "reached" | "exhausted" | "stopped";
  current: number | null;
  deadline: number | null;
  started_at: number;
  ended_at: number | null;
  ended_by: string | null;
  steps: StepView[];
}
/**
 * One step of an escalation.
 */
export interface StepView {
  step: number;
  kind: "phone" | "point" | "above";
  name: string;
  function: string;
  target: string;
  contact_note: string;
  state: "waiting" | "current" | "reached" | "failed" | "left";
  started_at: number | null;
  deadline: number | null;
  ended_at: number | null;
  outcome: ("reached" | "no_answer" | "wrong_number" | "refused" | "timeout" | "not_placed") | null;
  note: string;
  by: string | null;
  ring: string | null;
  confirmed_at: number | null;
  confirmed_name: string;
  confirmed_text: string;
}
/**
 * To a console: a list of calls moved.
 */
export interface CallListMessage {
  type: "call_list";
  call_list: CallListView;
}
/**
 * A list of points that are called one after the other.
 */
export interface CallListView {
  id: string;
  by: string;
  auto: boolean;
  state: "running" | "done" | "stopped";
  current: number | null;
  started_at: number;
  ended_at: number | null;
  items: ItemView[];
}
/**
 * One point of a list of calls.
 */
export interface ItemView {
  point: string;
  point_name: string;
  state: "waiting" | "current" | "done" | "failed" | "skipped";
  call: string | null;
  reason: string | null;
}
/**
 * To a point: what it missed in a session and has not explained, the newest first.
 */
export interface MissedMessage {
  type: "missed";
  session: string;
  calls: MissedView[];
}
/**
 * A call that a point missed and has not explained.
 */
export interface MissedView {
  id: string;
  record: string;
  by: string;
  state: "queued" | "ringing" | "delivered" | "answered" | "connected" | "preview" | "on_air" | "ended" | "failed";
  cause:
    | (
        | "offline"
        | "undelivered"
        | "no_answer"
        | "declined"
        | "no_device"
        | "media_failed"
        | "network_lost"
        | "engaged_above"
        | "cancelled"
      )
    | null;
  placed_at: number;
  ended_at: number | null;
  called_back_at: number | null;
  explained_at: number | null;
}
/**
 * To the desk of a unit above: somebody below is not reached. To be confirmed.
 */
export interface AlertMessage {
  type: "alert";
  alert: AlertView;
}
/**
 * What the desk of a unit above is told of a point below it that nobody reached.
 */
export interface AlertView {
  record: string;
  escalation: string;
  point: string;
  name: string;
  cause:
    | (
        | "offline"
        | "undelivered"
        | "no_answer"
        | "declined"
        | "no_device"
        | "media_failed"
        | "network_lost"
        | "engaged_above"
        | "cancelled"
      )
    | null;
  text: Sentence;
  at: number;
  deadline: number | null;
}
/**
 * One sentence for people, in both languages.
 */
export interface Sentence {
  vi: string;
  en: string;
}
/**
 * To such a desk: the alert is confirmed, or not needed any more.
 */
export interface AlertOver {
  type: "alert_over";
  record: string;
}
/**
 * To a point: its present and coming shifts, and who may be named as present.
 */
export interface RosterMessage {
  type: "roster";
  shifts: ShiftView[];
  confirm_early_s: number;
  names: PersonView[];
}
/**
 * A shift and its confirmation.
 */
export interface ShiftView {
  start: number;
  end: number;
  contacts: ContactView[];
  confirmed_at: number | null;
  confirmed_by: string | null;
}
/**
 * Somebody on a shift.
 */
export interface ContactView {
  name: string;
  function: string;
  kind: "point" | "phone";
  target: string;
  note: string;
}
/**
 * Somebody who may say that they are there.
 */
export interface PersonView {
  name: string;
  function: string;
}
/**
 * The first message: who is there, and for which session.
 */
export interface Hello {
  type: "hello";
  protocol: number;
  credential: PointCredential | TokenCredential;
  session?: string;
  report?: Report | null;
}
/**
 * A desk's lasting link: its code and the secret of the link's fragment.
 */
export interface PointCredential {
  kind: "point";
  code: string;
  secret: string;
}
/**
 * A signed token of a center, an operator or a viewer.
 */
export interface TokenCredential {
  kind: "token";
  token: string;
}
/**
 * The point's machine changed.
 */
export interface ReportMessage {
  type: "report";
  report: Report;
}
/**
 * The page shows and sounds the ring.
 */
export interface Ringing {
  type: "ringing";
  call: string;
  report: Report;
}
/**
 * Somebody at the point pressed answer.
 */
export interface Answer {
  type: "answer";
  call: string;
  report: Report;
}
/**
 * Somebody at the point pressed decline.
 */
export interface Decline {
  type: "decline";
  call: string;
  reason?: string | null;
  report: Report;
}
/**
 * Camera or microphone could not be opened.
 */
export interface DeviceFailed {
  type: "device_failed";
  call: string;
  device: "camera" | "microphone";
  error: string;
  report: Report;
}
/**
 * The point ends its call.
 */
export interface HangUp {
  type: "hang_up";
  call: string;
}
/**
 * Somebody at the point answers a roll call.
 */
export interface Present {
  type: "present";
  roll_call: string;
  name: string;
  function?: string;
  report: Report;
}
/**
 * The point asks to speak.
 */
export interface AskFloor {
  type: "ask_floor";
  subject?: string;
}
/**
 * The point does not ask any more.
 */
export interface WithdrawFloor {
  type: "withdraw_floor";
}
/**
 * The point asks to be called again.
 */
export interface CallBack {
  type: "call_back";
  call: string;
  note?: string;
}
/**
 * Somebody at the point says why a call failed.
 */
export interface Explain {
  type: "explain";
  call: string;
  name: string;
  text: string;
}
/**
 * Somebody at an alerted desk confirms.
 */
export interface ConfirmAlert {
  type: "confirm_alert";
  record: string;
  reached: boolean;
  name: string;
  text?: string;
}
/**
 * Somebody takes up the point's shift.
 */
export interface ConfirmShift {
  type: "confirm_shift";
  name: string;
}
/**
 * Somebody at the point has read a directive.
 */
export interface AcknowledgeDirective {
  type: "acknowledge_directive";
  directive: string;
  name: string;
  function?: string;
}
/**
 * The point proposes something to the level above it.
 */
export interface SendProposal {
  type: "send_proposal";
  text: string;
}
/**
 * The point wants no more of the pictures than this; its line may carry less. It is no order: nothing is recorded.
 */
export interface LimitPicture {
  type: "limit_picture";
  level: "full" | "half" | "quarter" | "sound";
}
/**
 * The point begins to send stills on this connection, or withdraws: what is kept of it is deleted. Nothing is recorded.
 */
export interface StillsConsent {
  type: "stills";
  on: boolean;
}
/**
 * An operator's order; answered by `ack` or `error` with the same id.
 */
export interface CommandMessage {
  type: "command";
  id: number;
  command:
    | PlaceCallOrder
    | CallOrder
    | TakeOrder
    | RecordingOrder
    | StartRollCallOrder
    | CloseRollCallOrder
    | GiveFloorOrder
    | ExtendFloorOrder
    | FloorOrder
    | RetryCallOrder
    | PlaceCallsOrder
    | StartCallListOrder
    | CallListOrder
    | EscalationOrder
    | MarkContactOrder
    | SetAgendaOrder
    | NextSpeakerOrder
    | SkipSpeakerOrder
    | IssueDirectiveOrder
    | WithdrawDirectiveOrder
    | AnswerProposalOrder
    | ForwardProposalOrder
    | DrawPointsOrder
    | TalkbackOrder;
}
/**
 * Ring a point.
 */
export interface PlaceCallOrder {
  kind: "place_call";
  point: string;
}
/**
 * Do something to a call.
 */
export interface CallOrder {
  kind: "preview" | "off_air" | "end_call" | "cancel_call";
  call: string;
}
/**
 * Put a call on air, after a countdown of so many seconds; one that counts already at once.
 */
export interface TakeOrder {
  kind: "take";
  call: string;
  delay_s?: number;
}
/**
 * Record the session from now on, or no more.
 */
export interface RecordingOrder {
  kind: "start_recording" | "stop_recording";
}
/**
 * Ask every point of some units, by default of the account's scope, to confirm presence.
 */
export interface StartRollCallOrder {
  kind: "start_roll_call";
  seconds: number;
  units?: string[] | null;
}
/**
 * End a roll call now.
 */
export interface CloseRollCallOrder {
  kind: "close_roll_call";
  roll_call: string;
}
/**
 * Let a point speak, for the usual time where none is said.
 */
export interface GiveFloorOrder {
  kind: "give_floor";
  point: string;
  seconds?: number | null;
}
/**
 * Give the speaker more time.
 */
export interface ExtendFloorOrder {
  kind: "extend_floor";
  point: string;
  seconds: number;
}
/**
 * Take the floor back, or a request out of the queue.
 */
export interface FloorOrder {
  kind: "take_back_floor" | "withdraw_floor";
  point: string;
}
/**
 * Call the point of a call again, on the same record.
 */
export interface RetryCallOrder {
  kind: "retry_call";
  call: string;
}
/**
 * Call several points at once; `together`: they go on air when they are connected.
 */
export interface PlaceCallsOrder {
  kind: "place_calls";
  points: string[];
  together?: boolean;
}
/**
 * Call points one after the other.
 */
export interface StartCallListOrder {
  kind: "start_call_list";
  points: string[];
  auto?: boolean;
}
/**
 * Go on to the next point of a list, or stop it.
 */
export interface CallListOrder {
  kind: "next_call" | "stop_call_list";
  list: string;
}
/**
 * Try others for the point of a failed call, or stop trying.
 */
export interface EscalationOrder {
  kind: "escalate" | "stop_escalation";
  call: string;
}
/**
 * Say what came of a step.
 */
export interface MarkContactOrder {
  kind: "mark_contact";
  call: string;
  step: number;
  outcome: "reached" | "no_answer" | "wrong_number" | "refused";
  note?: string;
}
/**
 * The whole agenda, in order.
 */
export interface SetAgendaOrder {
  kind: "set_agenda";
  items: AgendaEntryOrder[];
}
/**
 * One speaker; `item` names one that is on the agenda already and keeps what became of it.
 */
export interface AgendaEntryOrder {
  point: string;
  subject?: string;
  seconds?: number | null;
  item?: string | null;
}
/**
 * Give the floor to the next item that has not spoken.
 */
export interface NextSpeakerOrder {
  kind: "next_speaker";
}
/**
 * Pass over an item that has not spoken.
 */
export interface SkipSpeakerOrder {
  kind: "skip_speaker";
  item: string;
}
/**
 * Give a directive to every point of some units, by default of the account's scope, to be acknowledged by a time.
 */
export interface IssueDirectiveOrder {
  kind: "issue_directive";
  title: string;
  text: string;
  deadline: number;
  units?: string[] | null;
}
/**
 * Take a directive back.
 */
export interface WithdrawDirectiveOrder {
  kind: "withdraw_directive";
  directive: string;
}
/**
 * Say what becomes of a proposal; `forwarded` passes it to the unit right above.
 */
export interface AnswerProposalOrder {
  kind: "answer_proposal";
  proposal: string;
  outcome: "accepted" | "declined" | "noted" | "forwarded";
  text?: string;
}
/**
 * Pass a proposal on to a unit above.
 */
export interface ForwardProposalOrder {
  kind: "forward_proposal";
  proposal: string;
  unit: string;
  text?: string;
}
/**
 * Draw points by lot: of some units, by default of the account's scope; only those there, or all; by an indicator or not.
 */
export interface DrawPointsOrder {
  kind: "draw_points";
  count: number;
  units?: string[] | null;
  only?: "ready" | "live" | "all";
  filter?: string;
}
/**
 * Speak to the point of a call, which alone hears it; or speak no more.
 */
export interface TalkbackOrder {
  kind: "start_talkback" | "stop_talkback";
  call: string;
}
