/** The page /login: name and password; and, once inside, the console, another password, the way out. Needs no library. */

import { LoginSession, loginChannel } from "./login-session.js";

/** @template {Element} E @param {string} id @param {new () => E} kind @returns {E} */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no ${id}`);
  return found;
}

const entering = element("enter", HTMLFormElement);
const inside = element("inside", HTMLElement);
const changing = element("change", HTMLFormElement);
const message = element("message", HTMLElement);

const login = new LoginSession({ store: sessionStorage, channel: loginChannel(), onEnd: () => show() });

/** @param {string} vi @param {string} [en] */
function tell(vi, en = "") {
  message.replaceChildren(vi);
  if (en === "") return;
  const other = document.createElement("span");
  other.lang = "en";
  other.className = "muted";
  other.textContent = ` ${en}`;
  message.append(other);
}

/** @param {import("./login-session.js").Answer} answer */
function tellRefusal(answer) {
  const said = answer.body?.message;
  if (typeof said?.vi === "string") tell(said.vi, said.en);
  else tell("Không nối được tới máy chủ. Xin thử lại.", "The server cannot be reached. Please try again.");
}

function show() {
  const account = login.account;
  entering.hidden = account !== null;
  inside.hidden = account === null;
  if (account !== null) element("who", HTMLElement).textContent = `${account.display_name} (${account.name})`;
  element("center", HTMLElement).hidden = account?.role !== "center";
}

/** Where one wanted to go: a page of ours, named in the fragment; any other address is not followed. */
function nextPage() {
  const wanted = new URLSearchParams(location.hash.slice(1)).get("next") ?? "";
  return /^\/(?:admin|console|center|recordings)(?:#.*)?$/.test(wanted) ? wanted : "/console";
}

/** @param {HTMLFormElement} form @param {() => Promise<void>} work */
function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button !== null) button.disabled = true;
    tell("");
    void work().finally(() => {
      if (button !== null) button.disabled = false;
    });
  });
}

onSubmit(entering, async () => {
  const password = element("password", HTMLInputElement);
  const answer = await login.logIn(element("name", HTMLInputElement).value, password.value);
  password.value = "";
  if (answer.status !== 200) return tellRefusal(answer);
  location.assign(nextPage());
});

onSubmit(changing, async () => {
  const present = element("present", HTMLInputElement);
  const next = element("next", HTMLInputElement);
  const again = element("again", HTMLInputElement);
  if (next.value !== again.value) return tell("Hai lần nhập mật khẩu mới không giống nhau.", "The new password was typed in two ways.");
  const answer = await login.changePassword(present.value, next.value);
  if (answer.status !== 200) return tellRefusal(answer);
  changing.reset();
  tell("Đã đổi mật khẩu. Các nơi khác đã đăng xuất.", "The password is changed. All other places are logged out.");
});

element("leave", HTMLButtonElement).addEventListener("click", () => {
  void login.logOut().then(() => tell("Đã đăng xuất.", "Logged out."));
  show();
});

if (login.isKept) void login.renew().then(show);
else show();
