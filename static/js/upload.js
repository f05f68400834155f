// Sends the file of a <form data-upload="/uploads" data-upload-field="upload_id"> by itself as soon as it is chosen
// (tus 1.0), goes on after a lost connection, a reload or a restart, then submits the form with the upload's id.
// Without this script the form sends the file as any form does.
(() => {
  const TUS = { "Tus-Resumable": "1.0.0" };
  const PIECE = 64 * 2 ** 20; // what a proxy may have to hold at a time
  const WAITS_S = [1, 2, 4, 8, 15, 30];
  const SILENT_MS = 60_000;
  const PASSING = new Set([0, 408, 409, 423, 500, 502, 503, 504]); // worth another try
  const running = new WeakMap(); // form -> its upload

  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  const isPlain = (xhr) => xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
  const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const timeLeft = (s) => (s < 90 ? `${Math.ceil(s)} seconds left` : `${Math.round(s / 60)} minutes left`);

  class UploadPanel {
    constructor(zone, file, cancel) {
      Object.assign(this, { zone, file });
      this.box = element("div", { className: "card upload" });
      this.bar = element("progress", { max: file.size || 1, value: 0, ariaLabel: `Upload of ${file.name}` });
      this.said = element("p", { role: "status" });
      this.figures = element("p", { className: "muted num" });
      const button = element("button", { type: "button", className: "line", textContent: "Cancel the upload" });
      button.addEventListener("click", cancel);
      this.box.append(this.said, this.bar, this.figures, button);
      zone.after(this.box);
      zone.hidden = true;
      this.begin();
      button.focus();
    }

    begin() {
      this.began = null; // speed is measured from where it began or went on
      this.say("on its way");
    }

    say(what) {
      const text = `${this.file.name}: ${what}`;
      if (this.said.textContent !== text) this.said.textContent = text;
    }

    show(sent) {
      const { size } = this.file;
      this.began ??= { at: Date.now(), sent };
      const left_s = ((size - sent) / (sent - this.began.sent)) * ((Date.now() - this.began.at) / 1000);
      const percent = Math.min(99, Math.floor((100 * sent) / size));
      const left = Number.isFinite(left_s) ? ` · ${timeLeft(left_s)}` : "";
      this.bar.value = sent;
      this.figures.textContent = `${percent} % · ${megabytes(sent)} of ${megabytes(size)} MB${left}`;
    }
  }

  class Upload {
    constructor(form, input, file) {
      Object.assign(this, { form, input, file, url: null, offset: 0, tries: 0, ended: false });
      this.key = `upload ${form.dataset.upload} ${file.name} ${file.size} ${file.lastModified}`;
      this.panel = new UploadPanel(input.closest(".drop") ?? input, file, () => this.cancel());
    }

    async run() {
      sayError(this.input, "");
      this.url = localStorage.getItem(this.key);
      while (!this.ended) {
        try {
          await this.advance();
          if (this.offset === this.file.size) return this.finish();
        } catch (error) {
          if (!this.ended) await this.recover(error);
        }
      }
    }

    async advance() {
      if (!this.url) await this.create();
      const head = await this.send("HEAD", this.url);
      this.offset = Number(head.getResponseHeader("Upload-Offset"));
      this.panel.begin();
      while (!this.ended && this.offset < this.file.size) {
        const headers = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" };
        const piece = this.file.slice(this.offset, this.offset + PIECE);
        const answer = await this.send("PATCH", this.url, headers, piece);
        this.offset = Number(answer.getResponseHeader("Upload-Offset"));
        this.tries = 0;
      }
    }

    async create() {
      const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
      const headers = { "Upload-Length": this.file.size, "Upload-Metadata": `filename ${name}` };
      this.url = (await this.send("POST", this.form.dataset.upload, headers)).getResponseHeader("Location");
      localStorage.setItem(this.key, this.url);
    }

    send(method, url, headers = {}, body = null) {
      return new Promise((resolve, reject) => {
        const xhr = (this.xhr = new XMLHttpRequest());
        let silence;
        const watch = () => {
          clearTimeout(silence);
          silence = setTimeout(() => xhr.abort(), SILENT_MS);
        };
        xhr.upload.onprogress = (event) => {
          watch();
          this.panel.show(this.offset + event.loaded);
        };
        xhr.onloadend = () => {
          clearTimeout(silence);
          if (xhr.status >= 200 && xhr.status < 300) resolve(xhr);
          else reject({ status: xhr.status, sentence: isPlain(xhr) ? xhr.responseText : "" });
        };
        xhr.open(method, url);
        for (const [key, value] of Object.entries({ ...TUS, ...headers })) xhr.setRequestHeader(key, value);
        watch();
        xhr.send(body);
      });
    }

    async recover(error) {
      if (error.status === 404 && this.url) return (this.url = localStorage.removeItem(this.key) ?? null);
      if (!PASSING.has(error.status)) return this.fail(error.sentence || "The upload did not work. Reload the page and try again.");
      const readable = await this.file.slice(0, 1).arrayBuffer().catch(() => null);
      if (!readable) return this.fail("The file has changed or moved since you chose it. Choose it again.");
      const wait_s = WAITS_S[Math.min(this.tries++, WAITS_S.length - 1)];
      if (this.tries > 1) this.panel.say("the connection was lost. This goes on by itself as soon as it is back.");
      await new Promise((resolve) => [setTimeout(resolve, wait_s * 1000), addEventListener("online", resolve)]);
    }

    finish() {
      this.end();
      localStorage.removeItem(this.key);
      const name = this.form.dataset.uploadField;
      const field = this.form.elements[name] ?? this.form.appendChild(element("input", { type: "hidden", name }));
      field.value = this.url.split("/").pop();
      this.input.disabled = true; // its bytes are there already
      this.panel.bar.value = this.panel.bar.max;
      this.panel.say("arrived whole");
      this.panel.figures.textContent = "Looking into it…";
      this.form.requestSubmit();
    }

    fail(sentence) {
      this.end();
      sayError(this.input, sentence);
      this.putBack();
    }

    cancel() {
      this.end();
      this.xhr.abort();
      localStorage.removeItem(this.key);
      if (this.url) this.send("DELETE", this.url).catch(() => {}); // then it is swept after a day
      this.putBack();
    }

    putBack() {
      this.panel.box.remove();
      this.panel.zone.hidden = false;
      this.input.value = "";
      this.input.focus();
    }

    end() {
      this.ended = true;
      running.delete(this.form);
    }
  }

  function sayError(input, sentence) {
    const id = `${input.id}-error`;
    const place = document.getElementById(id) ?? element("small", { id, className: "error", role: "alert" });
    if (!place.isConnected) input.before(place);
    place.textContent = sentence;
    input.closest(".drop")?.classList.toggle("wrong", Boolean(sentence));
    if (sentence) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    const others = (input.getAttribute("aria-describedby") ?? "").replace(id, "");
    input.setAttribute("aria-describedby", `${others} ${id}`.trim());
  }

  const inputOf = (event) => event.target.closest?.("form[data-upload] input[type=file]");

  document.addEventListener("change", (event) => {
    const input = inputOf(event);
    if (!input?.files.length || running.has(input.form)) return;
    const upload = new Upload(input.form, input, input.files[0]);
    running.set(input.form, upload);
    upload.run();
  });
  document.addEventListener("submit", (event) => {
    if (running.has(event.target)) event.preventDefault(); // it submits itself when the file has arrived
  });
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = document.querySelector("form[data-upload] .drop");
      zone?.classList.toggle("over", kind === "dragover" && Boolean(inputOf(event)));
      if (zone && !inputOf(event)) event.preventDefault(); // else a file dropped beside it would replace the page
    });
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("form[data-upload] input[type=file]:disabled")) location.reload();
  });
})();
