// Makes the phone's forms kinder where the browser can: smaller photos, the place, progress, words that survive.
// Every page works without this file.
"use strict";

const MOST_PHOTOS = 9;
const LONGEST_SIDE = 1920;
const SMALL_ENOUGH = 800 * 1024;
const FRESH_MS = 60 * 1000;
const FIX_EVERY_MS = 30 * 1000;
const ACCURATE_ENOUGH_M = 500;

document.documentElement.classList.add("js");

// --- photos ---------------------------------------------------------------------------------------------------------

// The camera's notes (EXIF: when, where) are evidence: they go with the smaller picture, which stands upright already.
async function notesOf(file) {
  const view = new DataView(await file.slice(0, 128 * 1024).arrayBuffer());
  if (view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) === 0xffda) return null;
    if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      return upright(view.buffer.slice(at, at + 2 + view.getUint16(at + 2)));
    }
  }
  return null;
}

function upright(notes) {
  const view = new DataView(notes);
  const tiff = 10;
  const little = view.getUint16(tiff) === 0x4949;
  const list = tiff + view.getUint32(tiff + 4, little);
  for (let entry = 0; entry < view.getUint16(list, little); entry += 1) {
    const at = list + 2 + 12 * entry;
    if (view.getUint16(at, little) === 0x0112) view.setUint16(at + 8, 1, little);
  }
  return notes;
}

async function shrunk(file) {
  if (file.size <= SMALL_ENOUGH || !CSS.supports("image-orientation", "from-image")) return file;
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.naturalWidth * scale);
    canvas.height = Math.round(picture.naturalHeight * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const notes = await notesOf(file);
    const parts = notes ? [small.slice(0, 2), notes, small.slice(2)] : [small];
    const made = new File(parts, file.name, { type: "image/jpeg", lastModified: file.lastModified });
    return made.size < file.size ? made : file;
  } catch {
    return file;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

function listOf(files) {
  const list = new DataTransfer();
  files.forEach((file) => list.items.add(file));
  return list.files;
}

// The first input of a form carries every chosen photo, so the form itself stays whole; the others only ask for more.
function enhancePhotos(form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  if (!inputs.length || !window.DataTransfer) return;
  const shown = document.createElement("ul");
  shown.className = "thumbs";
  const told = document.createElement("p");
  told.className = "hint";
  const place = inputs[0].closest(".shots-ways") || inputs[0];
  place.before(shown, told);
  let files = [];

  const keptCount = () => form.querySelectorAll("input[name=kept][type=checkbox]:checked").length;
  const show = () => {
    inputs[0].files = listOf(files);
    shown.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    shown.replaceChildren(...files.map(thumb));
  };
  const thumb = (file, index) => {
    const item = document.createElement("li");
    const image = new Image(96, 96);
    image.alt = `待上传的照片 ${index + 1}`;
    image.src = URL.createObjectURL(file);
    const drop = document.createElement("button");
    drop.type = "button";
    drop.textContent = "×";
    drop.setAttribute("aria-label", `去掉第 ${index + 1} 张`);
    drop.addEventListener("click", () => {
      files = files.filter((other) => other !== file);
      show();
    });
    item.append(image, drop);
    return item;
  };
  const add = async (chosen) => {
    const room = Math.max(0, MOST_PHOTOS - keptCount() - files.length);
    told.textContent = chosen.length > room ? `最多 ${MOST_PHOTOS} 张，多出的 ${chosen.length - room} 张没有加入。` : "";
    const added = await Promise.all(chosen.slice(0, room).map(shrunk));
    files = files.concat(added);
    show();
  };
  inputs.forEach((input) =>
    input.addEventListener("change", () => {
      const chosen = [...input.files].filter((file) => !files.includes(file));
      if (input !== inputs[0]) input.value = "";
      else inputs[0].files = listOf(files);
      form.ready = Promise.all([form.ready, add(chosen)]);
    }),
  );
}

// --- the place ------------------------------------------------------------------------------------------------------

function enhancePlace(form) {
  const told = form.querySelector(".spot-fix");
  if (!told) return;
  const say = (words, state) => {
    told.hidden = false;
    told.dataset.state = state;
    told.textContent = words;
  };
  const keep = (fix) => {
    const { longitude, latitude, accuracy } = fix ? fix.coords : {};
    form.lon.value = longitude ?? "";
    form.lat.value = latitude ?? "";
    form.accuracy.value = accuracy ?? "";
    form.fixedAt = fix ? fix.timestamp : 0;
  };
  const found = (fix) => {
    if (form.tried || !told.isConnected) return;
    const accuracy = Math.round(fix.coords.accuracy);
    if (!fix.coords.accuracy || Date.now() - fix.timestamp > FRESH_MS) return lost();
    if (accuracy > ACCURATE_ENOUGH_M) return say(`定位误差约 ${accuracy} 米，太大，不采用；可不用定位`, "lost");
    keep(fix);
    return say(`已定位 ±${Math.max(1, accuracy)} 米`, "found");
  };
  const lost = () => form.fixedAt || form.tried || say("定位失败，可不用定位", "lost");
  const ask = () => {
    if (!told.isConnected || document.hidden) return;
    navigator.geolocation.getCurrentPosition(found, lost, { enableHighAccuracy: true, timeout: 20000, maximumAge: 10000 });
  };
  keep(null);
  if (!navigator.geolocation || !window.isSecureContext) return lost();
  say("正在定位…", "asking");
  ask();
  const timer = setInterval(() => (told.isConnected ? ask() : clearInterval(timer)), FIX_EVERY_MS);
  form.dropStaleFix = () => {
    if (form.fixedAt && Date.now() - form.fixedAt > FRESH_MS && !form.tried) keep(null);
  };
  return undefined;
}

// --- words that survive a dead phone --------------------------------------------------------------------------------

const DRAFT_SKIPS = new Set(["csrfmiddlewaretoken", "lon", "lat", "accuracy", "kept", "photos", "version"]);

function draftOf(form) {
  const person = form.closest("[data-person]")?.dataset.person;
  const key = `draft:${person}:${new URL(form.action).pathname}`;
  // A private window or a full memory: the words stay on the screen, as they do without this file.
  const safely = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  return {
    read: () => safely(() => JSON.parse(localStorage.getItem(key))),
    write: (values) => safely(() => localStorage.setItem(key, JSON.stringify(values))),
    clear: () => safely(() => localStorage.removeItem(key)),
  };
}

function valuesOf(form) {
  const values = {};
  new FormData(form).forEach((value, name) => {
    if (!DRAFT_SKIPS.has(name) && typeof value === "string") values[name] = [...(values[name] || []), value];
  });
  return values;
}

function fill(form, values) {
  Object.entries(values).forEach(([name, wanted]) => {
    form.querySelectorAll(`[name="${CSS.escape(name)}"]`).forEach((input, index) => {
      if (input.type === "hidden" && name !== "client_id") return;
      if (["radio", "checkbox"].includes(input.type)) input.checked = wanted.includes(input.value);
      else input.value = wanted[index] ?? input.value;
      if (input.checked || (input.type !== "radio" && input.type !== "hidden" && input.value)) openAround(input);
    });
  });
}

function openAround(input) {
  const fold = input.closest("details");
  if (fold) fold.open = true;
}

// What a form holds before anybody has touched it.
const UNTOUCHED = new Set(["client_id", "severity", "grid", "town"]);
const hasWords = (values) =>
  Object.entries(values).some(([name, wanted]) => !UNTOUCHED.has(name) && wanted.some(Boolean));

// An answer of the server brings the words that it answers.
function enhanceDraft(form, isAnswer) {
  const draft = draftOf(form);
  form.draft = draft;
  form.addEventListener("input", () => draft.write({ values: valuesOf(form), tried: Boolean(form.tried) }));
  const before = draft.read();
  if (isAnswer || !before || !hasWords(before.values)) return;
  const clientId = before.values.client_id?.[0];
  if (before.tried && clientId) {
    arrived(clientId).then((url) => (url ? alreadyThere(form, url) : restore(form, before.values)));
  } else {
    restore(form, { ...before.values, client_id: [] });
  }
}

function restore(form, values) {
  fill(form, values);
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn";
  again.textContent = "清空";
  again.addEventListener("click", () => {
    form.draft.clear();
    location.reload();
  });
  tell(form, "已恢复上次的文字，照片请重选。", "info", again);
}

async function arrived(clientId) {
  const url = `${location.pathname}${clientId}/`;
  const answer = await fetch(url, { redirect: "manual" }).catch(() => null);
  return answer && answer.status === 200 ? url : null;
}

function alreadyThere(form, url) {
  form.draft.clear();
  const link = document.createElement("a");
  link.className = "btn";
  link.href = url;
  link.textContent = "查看";
  tell(form, "上次的上报已经收到。", "info", link);
}

// --- sending --------------------------------------------------------------------------------------------------------

function tell(form, words, tone, ...more) {
  let line = form.querySelector(".send-status");
  if (!line) {
    line = document.createElement("p");
    line.className = "send-status";
    line.setAttribute("role", "status");
    form.querySelector("button[type=submit]").before(line);
  }
  line.hidden = false;
  line.dataset.tone = tone;
  line.replaceChildren(words, ...more);
}

function enhanceSending(form) {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (form.busy) return;
    form.busy = true;
    button.setAttribute("aria-busy", "true");
    await form.ready;
    form.dropStaleFix?.();
    form.tried = true;
    form.draft.write({ values: valuesOf(form), tried: true });
    send(form).finally(() => {
      form.busy = false;
      button.removeAttribute("aria-busy");
    });
  });
}

function send(form) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const body = new FormData(form);
    // Signing in again in another tab changes the token; the cookie has the newest.
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (token) body.set("csrfmiddlewaretoken", token[1]);
    tell(form, "正在发送…", "busy");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = Math.round((100 * event.loaded) / event.total);
      tell(form, share < 100 ? `正在发送 ${share}%` : "已发出，等待回执…", "busy");
    });
    request.addEventListener("load", () => answered(form, request));
    request.addEventListener("error", () => failed(form, "网络不通，没有发出。内容都还在，请到信号好的地方再按一次。"));
    request.addEventListener("timeout", () => failed(form, "等了太久没有回执。内容都还在，请再按一次，不会重复上报。"));
    request.addEventListener("loadend", done);
    request.timeout = 10 * 60 * 1000;
    request.open("POST", form.action);
    request.send(body);
  });
}

const failed = (form, words) => tell(form, words, "error");

function answered(form, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const path = new URL(request.responseURL).pathname;
  if (path.startsWith("/login/")) {
    const link = document.createElement("a");
    link.className = "btn";
    link.href = "/login/";
    link.target = "_blank";
    link.textContent = "去登录";
    return tell(form, "登录已过期。内容都还在：请重新登录，回到此页再按一次。", "error", link);
  }
  if (!page.body.classList.contains("field")) {
    return failed(form, `服务器没有收下（${request.status}）。内容都还在，请过一会儿再按一次。`);
  }
  if (request.status === 200) form.draft.clear();
  return show(page, request.status === 200 ? path : null);
}

// The page that came as the answer takes the place of this one; a new address goes into the history.
function show(page, path) {
  document.title = page.title;
  document.body.replaceWith(page.body);
  if (path) history.pushState(null, "", path);
  window.scrollTo(0, 0);
  start(true);
}

window.addEventListener("popstate", () => location.reload());

function start(isAnswer) {
  document.querySelectorAll("main form[enctype='multipart/form-data']").forEach((form) => {
    enhanceDraft(form, isAnswer);
    enhancePhotos(form);
    enhancePlace(form);
    enhanceSending(form);
  });
}

start(false);
