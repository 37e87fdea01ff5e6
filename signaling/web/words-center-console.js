/** What the console and the center's screen both say: of talkback, and of sending the center's picture. */

import { addWords } from "./words.js";

addWords({
  talk_hold: ["Nói riêng", "Talk"],
  talk_hold_label: ["Nói riêng: giữ để nói với {name}", "Talk: hold to speak to {name} alone"],
  talk_nobody: ["Nói riêng: chọn một cuộc gọi đã trả lời", "Talk: choose a call that was answered"],
  talk_opening: ["Đang mở micrô…", "Opening the microphone…"],
  talk_starting: ["Đang nối…", "Connecting…"],
  talk_on: ["ĐANG NÓI RIÊNG VỚI {name}", "TALKING TO {name} ALONE"],
  talk_unheard: ["{name} chưa nghe được. Hãy thả ra rồi thử lại.", "{name} does not hear you. Release and try again."],
  talk_other: ["{who} đang nói riêng với {name}", "{who} is talking to {name}"],
  talk_failed: ["Không mở được micrô ({why}). Hãy cho phép micrô trong trình duyệt rồi thử lại.", "The microphone did not open ({why}). Allow it in the browser and try again."],
  talk_microphone: ["Micrô nói riêng", "Microphone for talking"],
  talk_default: ["Micrô mặc định", "Default microphone"],
  talk_off: ["Tắt micrô nói riêng", "Switch the talk microphone off"],
  talk_level: ["Mức âm thanh của micrô", "Level of the microphone"],
  talk_programme_muted: ["Micrô của hình phát tạm tắt", "The programme's microphone is muted"],
  trail_talkback: ["Nói riêng với điểm cầu", "Talkback to the point"],
  trail_talkback_over: ["Thôi nói riêng", "Talkback over"],

  center_title: ["Hình của trung tâm", "The center's picture"],
  center_publish: ["Lên sóng trung tâm", "Send the center"],
  center_stop: ["Ngừng sóng", "Stop sending"],
  center_stop_confirm: ["Bấm lần nữa để ngừng", "Press again to stop"],
  center_off: ["Chưa phát từ máy này", "Not sending from this machine"],
  center_opening: ["Đang bật camera…", "Starting the camera…"],
  center_connecting: ["Đang nối…", "Connecting…"],
  center_live: ["Đang phát từ máy này", "Sending from this machine"],
  center_rejoining: ["Đang nối lại…", "Reconnecting…"],
  center_failed: ["Không phát được: {why}", "Could not send: {why}"],
  screen: ["Màn hình", "Screen"],
  screen_share: ["Chia sẻ màn hình", "Share screen"],
  screen_stop: ["Thôi chia sẻ", "Stop sharing"],
});
