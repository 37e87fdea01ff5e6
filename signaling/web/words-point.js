/** What the point's page says, Vietnamese first. A test holds that each key has both languages and that both fill in the same names. */

import { addWords } from "./words.js";

addWords({
  tagline: ["Trung tâm điều hành trực tuyến tới từng xã, phường", "The live command line to every commune"],

  // the line
  line_live: ["Đã kết nối", "Connected"],
  ended_replaced_action: ["Dùng trang này", "Use this page"],
  no_secret: ["Liên kết thiếu mã", "The link lacks its code"],
  no_secret_text: [
    "Phần sau dấu # của liên kết bị mất. Hãy mở lại đúng liên kết đã nhận.",
    "The part after # is missing. Open the link exactly as you received it.",
  ],

  // point: before joining
  check_title: ["Kiểm tra thiết bị", "Check your devices"],
  check_text: [
    "Camera và micrô chỉ bật khi kiểm tra và khi đơn vị trả lời cuộc gọi.",
    "Camera and microphone are on only during this check and when you answer a call.",
  ],
  microphone_level: ["Mức tiếng micrô", "Microphone level"],
  default_device: ["Thiết bị mặc định", "Default device"],
  device_refused_help: [
    "Bấm biểu tượng ổ khóa cạnh địa chỉ trang, cho phép camera và micrô, rồi kiểm tra lại.",
    "Click the lock icon beside the address, allow camera and microphone, then check again.",
  ],
  device_absent_help: ["Hãy cắm camera hoặc micrô rồi kiểm tra lại.", "Plug in a camera or microphone, then check again."],
  check_again: ["Kiểm tra lại", "Check again"],
  test_sound: ["Thử loa", "Test the speaker"],
  join_hint: [
    "Sau khi vào, cứ để trang này mở: khi trung tâm gọi, trang sẽ đổ chuông.",
    "Then keep this page open: it rings when the center calls.",
  ],

  // point: waiting and watching
  ready_to_be_called: ["Sẵn sàng nhận cuộc gọi", "Ready to be called"],

  // point: the call
  ring_for: ["Mời {name} trả lời", "{name}, please answer"],
  ring_seconds: ["Còn {seconds} giây", "{seconds} s left"],
  decline_reason: ["Lý do (không bắt buộc)", "Reason (optional)"],
  decline_confirm: ["Gửi từ chối", "Send"],
  back: ["Quay lại", "Back"],
  answer_hint: ["Camera và micrô sẽ bật khi trả lời.", "Camera and microphone turn on when you answer."],
  resume_title: ["Cuộc gọi đang diễn ra", "A call is in progress"],
  resume_text: [
    "Trang đã được mở lại trong lúc trung tâm đang gọi đơn vị. Bấm để gửi lại hình và tiếng.",
    "This page was reopened during a call from the center. Press to send picture and voice again.",
  ],
  resume: ["TRỞ LẠI CUỘC GỌI", "REJOIN THE CALL"],
  over_title: ["Cuộc gọi đã kết thúc", "The call is over"],
  over_failed_title: ["Cuộc gọi không thành", "The call did not succeed"],
  over_camera_off: ["Camera và micrô đã tắt.", "Camera and microphone are off."],
  over_ended: ["Trung tâm đã kết thúc cuộc gọi.", "The center ended the call."],
  over_lost: ["Cuộc gọi đã kết thúc trong lúc trang mất kết nối.", "The call ended while this page was disconnected."],
  over_hung_up: ["Đơn vị đã kết thúc cuộc gọi.", "You ended the call."],
  over_declined_here: ["Đơn vị đã từ chối cuộc gọi. Trung tâm đã được báo.", "You declined. The center has been told."],
  over_declined: ["Đơn vị đã từ chối cuộc gọi.", "The call was declined."],
  over_replaced: ["Điểm cầu được mở ở nơi khác trong lúc gọi.", "The point was opened elsewhere during the call."],
  over_camera_failed: [
    "Không bật được camera. Trung tâm đã được báo. Hãy kiểm tra camera và quyền của trình duyệt; trung tâm có thể gọi lại.",
    "The camera could not be started; the center has been told. Check the camera and the browser's permission, then wait for the next call.",
  ],
  over_microphone_failed: [
    "Không bật được micrô. Trung tâm đã được báo. Hãy kiểm tra micrô và quyền của trình duyệt; trung tâm có thể gọi lại.",
    "The microphone could not be started; the center has been told. Check the microphone and the browser's permission, then wait for the next call.",
  ],
  over_offline: ["Lúc trung tâm gọi, điểm cầu chưa kết nối.", "The point was not connected when the center called."],
  over_undelivered: ["Cuộc gọi đã gửi nhưng trang không kịp đổ chuông.", "The call was sent but this page could not ring in time."],
  over_no_answer: [
    "Đã hết thời gian chờ mà chưa có người trả lời. Trung tâm có thể gọi lại.",
    "Nobody answered in time. The center may call again.",
  ],
  over_no_device: ["Không dùng được camera hoặc micrô. Trung tâm đã được báo.", "No usable camera or microphone. The center has been told."],
  over_media_failed: [
    "Đã trả lời nhưng hình và tiếng không tới được trung tâm. Có thể mạng của đơn vị chặn kết nối.",
    "You answered, but picture and voice did not reach the center. Your network may block the connection.",
  ],
  over_network_lost: ["Mất kết nối mạng trong lúc gọi.", "The network connection was lost during the call."],
  over_engaged_above: ["Cấp trên đang gọi điểm cầu này.", "A higher level is calling this point."],
  over_cancelled: ["Trung tâm đã hủy cuộc gọi.", "The center cancelled the call."],

  // point: roll call
  roll_call_asks: ["ĐIỂM DANH: trung tâm đang hỏi ai có mặt", "ROLL CALL: the center asks who is present"],
  roll_call_left: ["Còn {seconds} giây để xác nhận", "{seconds} s left to confirm"],
  roll_call_missed: ["Đã hết giờ điểm danh, đơn vị chưa xác nhận", "The roll call is over and nobody here confirmed"],
  roll_call_missed_text: ["Vẫn có thể xác nhận: sẽ được ghi là có mặt muộn.", "You can still confirm: it is recorded as late."],
  roll_call_confirmed: ["Đã xác nhận có mặt", "Presence confirmed"],
  roll_call_late: ["Đã xác nhận có mặt (muộn)", "Presence confirmed (late)"],
  person_function: ["Chức vụ", "Function"],
  present_sending: ["Đang gửi…", "Sending…"],

  // directives
  directives_to_read: ["Có {count} chỉ đạo cần xác nhận", "{count} directives to acknowledge"],
  directive_until: ["Xác nhận trước {time}", "Acknowledge by {time}"],
  directive_overdue: ["Đã quá hạn từ {time}. Hãy xác nhận ngay.", "Overdue since {time}. Acknowledge it now."],
  directive_read: ["Đọc chỉ đạo", "Read the directive"],
  directive_failed: ["Chưa tải được nội dung.", "The text could not be loaded."],
  directive_acknowledge: ["Đã đọc, xác nhận", "I have read it"],

  // proposals
  proposals_own: ["Kiến nghị của điểm cầu ({count})", "Proposals of this point ({count})"],
  proposal_send: ["Gửi kiến nghị", "Send the proposal"],

  // the record of a matter
  alert_title: ["{name} không trả lời trung tâm", "{name} did not answer the center"],
  alert_text: ["Đã làm gì", "What is being done"],
  alert_reached: ["Đã liên lạc được với họ", "They were reached"],
  alert_seen: ["Đã nhận, đang tìm", "Seen, still trying"],
  shift_title: ["Ca trực {start} – {end}", "Shift {start} – {end}"],
  shift_confirm: ["Nhận ca trực", "Take up the shift"],
  missed_title: ["Cuộc gọi nhỡ lúc {time}", "Missed call at {time}"],
  missed_called_back: ["đã báo gọi lại lúc {time}", "called back at {time}"],
  missed_call_back: ["Đã có người, xin gọi lại", "We are here now: call again"],
  missed_text: ["Giải trình: vì sao không trả lời được", "Explanation: why the call was missed"],
  missed_send: ["Gửi giải trình", "Send the explanation"],
  attending_standing: ["Đang trực", "On duty"],
  attending_meeting: ["Đang dự: {title} ({center})", "Taking part in: {title} ({center})"],
  attending_line: ["{center} đang gọi", "{center} is calling"],
  attending_called_above: [
    "Được cấp trên gọi: {center}. Xong cuộc gọi, điểm cầu trở lại phiên họp trước.",
    "Called by a higher level: {center}. After the call the point returns to its session.",
  ],
  attending_given_back: ["Đã trở lại phiên họp: {title}.", "Back in the session: {title}."],
});
