/** What the console's header, stage, calls, keys and incidents say, Vietnamese first. */

import { addWords } from "./words.js";

addWords({
  // the shell
  counts_title: ["Số điểm cầu theo trạng thái", "Points by state"],
  count_filter: ["Chỉ xem các điểm này", "Show only these"],
  console_line_live: ["Đã kết nối", "Connected"],
  clock_now: ["Giờ máy chủ", "Time of the server"],
  pane_left_width: ["Bề rộng khung điểm cầu", "Width of the points"],
  pane_right_width: ["Bề rộng khung hồ sơ", "Width of the boards"],
  pane_hint: ["Kéo, hoặc dùng phím ← →", "Drag, or use the keys ← →"],
  pane_bar: ["Chọn khung", "Panes"],
  pane_stage: ["Sân khấu", "Stage"],
  boards_title: ["Hồ sơ và bảng", "Boards"],

  // preview and programme
  preview_none: ["Chọn một cuộc gọi để chuẩn bị", "Choose a call to prepare it"],
  countdown_left: ["Lên hình sau {seconds} giây", "On air in {seconds} s"],
  stage_floor_left: ["còn {time}", "{time} left"],
  stage_floor_over: ["quá {time}", "{time} over"],

  // the transport
  transport_title: ["Lệnh cuộc gọi", "Orders for the call"],
  take_now: ["LÊN NGAY", "TAKE NOW"],
  take_cancel: ["Hủy đếm", "Stop countdown"],
  countdown_title: ["Đếm ngược trước khi lên hình", "Countdown before the air"],
  countdown_short: ["Đếm", "Count"],
  countdown_none: ["Ngay", "None"],
  countdown_seconds: ["{seconds} giây", "{seconds} s"],

  // the queue of calls
  queue_list: ["Danh sách {done}/{all}", "List {done}/{all}"],
  queue_next: ["tiếp theo: {name}", "next: {name}"],

  // the incident
  incident_open: ["Diễn biến", "Timeline"],
  incident_title: ["Diễn biến cuộc gọi", "What happened"],
  incident_calls: ["Các cuộc gọi", "Calls"],
  incident_search: ["Tên, mã điểm cầu hoặc số cuộc gọi", "Name, code of the point, or number of the call"],
  incident_none: ["Không có cuộc gọi nào khớp", "No call matches"],
  incident_loading: ["Đang tải…", "Loading…"],
  incident_forgotten: [
    "Cuộc gọi này không còn trong bộ nhớ của máy chủ. Hãy tải báo cáo của phiên họp để xem.",
    "The service does not keep this call in memory any more. Look into the report of the session.",
  ],
  incident_copy: ["Chép văn bản", "Copy as text"],
  incident_copied: ["Đã chép", "Copied"],
  incident_copy_failed: ["Trình duyệt không cho chép. Hãy bôi đen văn bản và chép bằng tay.", "The browser does not allow copying. Select the text and copy it by hand."],
  incident_report: ["Tải báo cáo phiên", "Save the session's report"],
  incident_center: ["Trung tâm và máy chủ", "Center and service"],
  incident_point: ["Máy của điểm cầu", "The point's machine"],
  incident_gap: ["{time} sau", "{time} later"],
  incident_left_out: ["{count} cuộc gọi cũ hơn của hồ sơ này chỉ còn trong báo cáo.", "{count} older calls of this record are in the report only."],
  decimal_mark: [",", "."],
  minutes: ["{count} phút", "{count} min"],
  hours: ["{count} giờ", "{count} h"],
  by_clock: ["hết giờ", "the clock"],
  note_interrupted: ["điểm cầu đang mất hình, tiếng", "nothing arrived from the point"],
  note_stage_full: ["sân khấu đã đủ điểm", "the stage was full"],
  note_missed: ["máy chủ gián đoạn lúc đếm", "the service was away meanwhile"],
  note_video: ["có hình", "picture"],
  note_audio: ["chỉ có tiếng", "voice only"],
  why_offline: ["Điểm cầu không kết nối từ {time}, nên không có máy nào để đổ chuông.", "The point has not been connected since {time}: there was no machine to ring."],
  why_offline_never: ["Điểm cầu chưa kết nối lần nào, nên không có máy nào để đổ chuông.", "The point has never been connected: there was no machine to ring."],
  why_unsent: ["Điểm cầu mất kết nối trước khi gửi được chuông.", "The point was gone before the ring could be sent."],
  why_undelivered: [
    "Máy của điểm cầu không xác nhận đổ chuông trong {seconds} giây; chuông đã gửi {count} lần.",
    "The point's machine did not confirm the ring within {seconds} s; it was sent {count} times.",
  ],
  why_no_answer: ["Máy đã đổ chuông lúc {time}, không ai bấm Trả lời trong {seconds} giây.", "It rang at {time}; nobody pressed Answer within {seconds} s."],
  why_declined: ["Người ở điểm cầu đã bấm Từ chối.", "Somebody at the desk pressed Decline."],
  why_declined_said: ["Người ở điểm cầu đã bấm Từ chối: “{text}”", "Somebody at the desk pressed Decline: “{text}”"],
  why_no_device: ["{device} của điểm cầu không dùng được: {text}", "The {device} of the point could not be used: {text}"],
  why_media_failed: ["Đã trả lời lúc {time}, nhưng không có hình, tiếng tới máy chủ trong {seconds} giây.", "It was answered at {time}, but neither picture nor voice arrived within {seconds} s."],
  why_network_lost: ["Đang nối từ {time} thì mất hình, tiếng và không trở lại.", "Connected since {time}, then picture and voice were lost and did not come back."],

  // keys
  key_escalate: ["Báo tuần tự khi gọi không được", "Try others after a failed call"],
  key_talk: ["Giữ để nói riêng với điểm cầu", "Hold to talk to the point alone"],
  key_incident: ["Diễn biến cuộc gọi đang chọn", "What happened in the chosen call"],
  key_wide: ["Mở rộng, thu hẹp danh sách điểm cầu", "Widen or narrow the points"],
});
