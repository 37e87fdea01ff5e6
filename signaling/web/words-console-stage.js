/** What the console's header, stage, calls, keys and incidents say, Vietnamese first. */

import { addWords } from "./words.js";

addWords({
  // the shell
  counts_title: ["Số điểm cầu theo trạng thái", "Points by state"],
  count_filter: ["Chỉ xem các điểm này", "Show only these"],
  recording_now: ["Đang ghi hình", "Recording"],
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

  // keys
  key_escalate: ["Báo tuần tự khi gọi không được", "Try others after a failed call"],
  key_talk: ["Giữ để nói riêng với điểm cầu", "Hold to talk to the point alone"],
  key_incident: ["Diễn biến cuộc gọi đang chọn", "What happened in the chosen call"],
  key_wide: ["Mở rộng, thu hẹp danh sách điểm cầu", "Widen or narrow the points"],
});
