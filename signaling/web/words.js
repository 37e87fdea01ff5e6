/**
 * What more than one page says, Vietnamese first. `{name}` is filled in. What one page alone says is in `words-point.js` and the like,
 * which that page gives to `addWords`: no page carries another one's words.
 */

/** @typedef {readonly [vi: string, en: string]} Pair */

/** @type {Record<string, Pair>} */
export const WORDS = {
  product: ["Điểm Cầu", "Điểm Cầu"],
  recording_on: ["Đang ghi hình", "Recording"],
  rec_quota: ["Đã dừng ghi: các bản ghi đã đủ dung lượng cho phép.", "Recording stopped: recordings have reached the space allowed."],
  rec_disk_low: ["Đã dừng ghi: ổ đĩa sắp đầy.", "Recording stopped: the disk is nearly full."],
  rec_disk_error: ["Đã dừng ghi: ổ đĩa báo lỗi.", "Recording stopped: the disk reports an error."],
  rec_no_recorder: ["Chưa ghi được: bộ ghi hình không chạy.", "Nothing is written: the recorder does not run."],
  switch_language: ["English", "Tiếng Việt"],
  skip: ["Tới nội dung chính", "Skip to the main content"],
  close: ["Đóng", "Close"],
  dismiss: ["Đã hiểu", "Got it"],
  try_now: ["Thử ngay", "Try now"],
  reload: ["Tải lại trang", "Reload the page"],

  // the line
  line_idle: ["Chưa vào", "Not joined"],
  line_connecting: ["Đang kết nối…", "Connecting…"],
  line_greeting: ["Đang kết nối…", "Connecting…"],
  line_waiting: ["Mất kết nối, đang tự nối lại…", "Connection lost, reconnecting…"],
  line_full: ["Máy chủ đang đông, sẽ tự vào theo lượt", "The server is busy; you will be let in, in turn"],
  retry_in: ["sau {seconds} giây", "in {seconds} s"],
  line_ended: ["Đã ngừng", "Stopped"],
  media_idle: ["Hình: chưa nối", "Picture: not joined"],
  media_joining: ["Hình: đang nối…", "Picture: joining…"],
  media_live: ["Hình: đã nối", "Picture: joined"],
  media_broken: ["Hình: đang nối lại…", "Picture: rejoining…"],
  media_full: ["Máy chủ đang đông, hình sẽ tự nối theo lượt", "The server is busy; the picture will follow, in turn"],
  waiting_picture: ["Đang chờ hình…", "Waiting for the picture…"],
  sound_only_line: ["Đường truyền yếu: chỉ còn tiếng. Hình sẽ tự trở lại.", "Weak line: only sound. The picture comes back by itself."],
  sound_only_wish: ["Đang chỉ nghe tiếng", "Listening without picture"],
  sound_only: ["Chỉ nghe tiếng", "Only sound"],
  with_picture: ["Xem cả hình", "Show the picture"],
  media_down: ["Máy chủ hình đang khởi động lại", "The media server is restarting"],
  ended_replaced: ["Điểm cầu đã được mở ở nơi khác", "This point was opened elsewhere"],
  ended_replaced_text: [
    "Một máy hoặc một thẻ trình duyệt khác vừa vào điểm cầu này. Trang này đã nhường chỗ.",
    "Another machine or tab has just joined as this point. This page gave way.",
  ],
  ended_credential: ["Liên kết không đúng", "The link is not valid"],
  ended_credential_text: [
    "Hãy kiểm tra lại liên kết đã nhận, hoặc liên hệ trung tâm để nhận lại.",
    "Check the link you received, or ask the center for it again.",
  ],
  ended_forbidden: ["Không được phép vào", "Not allowed"],
  ended_forbidden_text: [
    "Mã truy cập không dùng được cho phiên họp này. Hãy liên hệ trung tâm.",
    "This access is not valid for this session. Please contact the center.",
  ],
  ended_protocol: ["Trang đã cũ", "This page is out of date"],
  ended_protocol_text: ["Máy chủ đã được nâng cấp. Hãy tải lại trang.", "The server was upgraded. Reload the page."],
  ended_left: ["Đã rời điểm cầu", "You have left"],
  ended_left_text: ["Trung tâm không gọi được khi trang này chưa vào lại.", "The center cannot call until you join again."],

  // point: before joining
  camera: ["Camera", "Camera"],
  microphone: ["Micrô", "Microphone"],
  own_picture: ["Hình của đơn vị", "Your own picture"],
  device_ok: ["Hoạt động tốt", "Working"],
  device_absent: ["Không tìm thấy", "Not found"],
  device_refused: ["Trình duyệt chưa cho phép", "Not allowed by the browser"],
  device_unknown: ["Chưa kiểm tra", "Not checked yet"],
  join: ["VÀO ĐIỂM CẦU", "JOIN"],

  // point: waiting and watching
  programme: ["Hình phát", "Programme"],
  inset: ["Hình phụ", "Inset"],
  waiting_programme: ["Chưa có hình phát", "No programme yet"],
  waiting_programme_text: [
    "Trung tâm chưa phát hình. Điểm cầu vẫn sẵn sàng nhận cuộc gọi.",
    "The center is not sending. This point can still be called.",
  ],
  session_closed: ["Phiên họp đã đóng", "The session is closed"],
  session_prepared: ["Phiên họp chưa mở", "The session is not open yet"],
  volume: ["Âm lượng", "Volume"],
  mute_programme: ["Tắt tiếng loa", "Mute the speaker"],
  unmute_programme: ["Mở tiếng loa", "Unmute the speaker"],
  fullscreen: ["Toàn màn hình", "Full screen"],
  leave: ["Rời điểm cầu", "Leave"],

  // point: the call
  ring_title: ["TRUNG TÂM ĐANG GỌI", "THE CENTER IS CALLING"],
  answer: ["TRẢ LỜI", "ANSWER"],
  decline: ["TỪ CHỐI", "DECLINE"],
  tally_opening: ["ĐANG BẬT CAMERA…", "STARTING CAMERA…"],
  tally_connecting: ["ĐANG KẾT NỐI HÌNH…", "CONNECTING…"],
  tally_preview: ["ĐANG CHUẨN BỊ", "IN PREVIEW"],
  tally_preview_text: ["Trung tâm đang thấy và nghe đơn vị. Chưa phát tới các điểm cầu.", "The center sees and hears you. Not sent to the points yet."],
  tally_on_air: ["ĐANG PHÁT", "ON AIR"],
  tally_on_air_text: ["Tất cả điểm cầu đang thấy và nghe đơn vị.", "All points see and hear you."],
  mic_mute: ["Tắt micrô", "Mute microphone"],
  mic_unmute: ["Mở micrô", "Unmute microphone"],
  mic_is_muted: ["Micrô đang tắt", "Microphone is muted"],
  hang_up: ["Kết thúc", "Hang up"],
  hang_up_confirm: ["Bấm lần nữa để kết thúc", "Press again to hang up"],
  no_camera_in_call: ["Không bật được camera: trung tâm chỉ nghe tiếng của đơn vị.", "The camera does not work: the center only hears you."],
  uplink_trouble: ["Đường hình gửi đi đang nối lại…", "Your picture is reconnecting…"],

  // point: roll call
  person_name: ["Họ và tên", "Name"],
  present: ["CÓ MẶT", "PRESENT"],

  // the floor
  floor_subject: ["Nội dung xin phát biểu", "What you want to speak about"],
  floor_ask: ["Xin phát biểu", "Ask to speak"],
  floor_place: ["Xin phát biểu: số {place} trong hàng chờ", "Asking to speak: no. {place} in the queue"],
  floor_called: ["Được mời phát biểu", "Invited to speak"],
  floor_speaking: ["Đang phát biểu", "Speaking"],
  floor_withdraw: ["Rút xin phát biểu", "Withdraw"],
  floor_left: ["Còn {seconds} giây", "{seconds} s left"],
  floor_over: ["Quá giờ {seconds} giây", "{seconds} s over time"],
  floor_refused_floor_full: ["Hàng chờ phát biểu đã đầy. Hãy xin lại sau ít phút.", "The queue to speak is full. Ask again in a few minutes."],
  floor_refused_outside_session: ["Phiên họp này không gồm điểm cầu của bạn nên chưa xin phát biểu được.", "This meeting is not over your point, so that it cannot ask to speak."],
  floor_refused_session_state: ["Phiên họp chưa mở hoặc đã đóng nên chưa xin phát biểu được.", "The meeting is not open: asking to speak is not possible now."],

  // directives
  directive_withdrawn: ["Đã thu hồi", "Withdrawn"],

  // proposals
  proposal_text: ["Nội dung kiến nghị", "What you propose"],
  proposal_sent: ["chờ trả lời", "waiting for an answer"],
  proposal_forwarded: ["đã chuyển lên cấp trên", "forwarded to a higher level"],
  proposal_accepted: ["được chấp thuận", "accepted"],
  proposal_declined: ["không được chấp thuận", "declined"],
  proposal_noted: ["đã ghi nhận", "noted"],

  // call states and causes
  cause_offline: ["Điểm cầu không kết nối", "The point was not connected"],
  cause_undelivered: ["Chuông đã gửi, trang không xác nhận", "Ring sent, the page never confirmed it"],
  cause_no_answer: ["Chuông đã đổ, không ai trả lời", "It rang, nobody answered"],
  cause_declined: ["Điểm cầu từ chối", "Declined at the desk"],
  cause_no_device: ["Không dùng được camera hoặc micrô", "No usable camera or microphone"],
  cause_media_failed: ["Đã trả lời nhưng không có hình, tiếng", "Answered, but no picture or voice"],
  cause_network_lost: ["Mất kết nối giữa chừng", "The connection was lost"],
  cause_engaged_above: ["Cấp trên đang gọi", "Engaged by a higher level"],
  cause_cancelled: ["Đã hủy", "Cancelled"],

  // console
  role_center: ["Trung tâm", "Center"],
  preview: ["Chuẩn bị", "Preview"],
  take: ["LÊN HÌNH", "TAKE"],
  off_air: ["Hạ hình", "Off air"],
  end_call: ["Kết thúc", "End"],
  cancel_call: ["Hủy gọi", "Cancel"],

  // the record of a matter
  alert_confirmed: ["Cấp trên xác nhận cảnh báo", "Alert confirmed"],
  called_back: ["Điểm cầu báo gọi lại", "The point called back"],
  escalation_started: ["Bắt đầu báo tuần tự", "Others are tried"],
  escalation_reached: ["Đã liên lạc được", "Reached"],
  escalation_exhausted: ["Đã thử hết", "Nobody was reached"],
  escalation_stopped: ["Dừng báo tuần tự", "Stopped"],
};

/**
 * What one page says, once, before it is drawn.
 * @param {Readonly<Record<string, Pair>>} words  keys that no other file has: a test holds that
 */
export function addWords(words) {
  Object.assign(WORDS, words);
}
