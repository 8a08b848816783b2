import type { Edit } from "./mutant.ts";

const SMTP = "test/adapters/nodemailer.test.ts";
const CONSOLE = "test/adapters/console-mailer.test.ts";
const RENDERER = "test/kit/mail/mail-renderer.test.ts";
const MAILS = "test/kit/mail/mails.test.ts";
const HTML = "test/lib/html.test.ts";
const CONTENT = "src/kit/mail/mail-content.ts";
const MESSAGE = "src/adapters/nodemailer/message.ts";
const MAILER = "src/adapters/nodemailer/nodemailer-mailer.ts";
const TRANSPORT = "src/adapters/nodemailer/transport.ts";
const FAILURE = "src/adapters/nodemailer/mail-failure.ts";

/** Of mail. They belong to no single guarantee. */
export const MAIL: readonly Edit[] = [
  {
    edit: "mail goes out without TLS",
    file: TRANSPORT,
    from: "requireTLS: !isLocal",
    to: "requireTLS: false",
    stoppedBy: SMTP,
  },
  {
    edit: "any certificate will do",
    file: TRANSPORT,
    from: "rejectUnauthorized: !isLocal || ca !== undefined",
    to: "rejectUnauthorized: false",
    stoppedBy: SMTP,
  },
  {
    edit: "every host is this machine",
    file: "src/adapters/nodemailer/smtp-url.ts",
    from: "LOCAL.includes(host.toLowerCase())",
    to: "LOCAL.length > 0",
    stoppedBy: SMTP,
  },
  {
    edit: "the URL brings settings along",
    file: "src/adapters/nodemailer/smtp-url.ts",
    from: "url.search || url.hash",
    to: "url.hash",
    stoppedBy: SMTP,
  },
  {
    edit: "a recipient may be a list",
    file: MESSAGE,
    from: "    deliveryAddress(to) === to &&\n",
    to: "",
    stoppedBy: SMTP,
  },
  {
    edit: "a subject may have lines",
    file: MESSAGE,
    from: "    isHeaderLine(subject) &&\n",
    to: "",
    stoppedBy: SMTP,
  },
  { edit: "an id may end the header", file: MESSAGE, from: "    ID.test(id) &&\n", to: "", stoppedBy: SMTP },
  {
    edit: "a mail may bring any header",
    file: MESSAGE,
    from: "OWN_HEADER.test(name) && ",
    to: "",
    stoppedBy: SMTP,
  },
  {
    edit: "each sending has an id of its own",
    file: MESSAGE,
    from: "messageId: `<${id}@",
    to: "messageId: `<${id}.${process.hrtime.bigint()}@",
    stoppedBy: SMTP,
  },
  {
    edit: "a server may hang without end",
    file: MAILER,
    from: "await within(settings.timeoutMs, transport.sendMail(message));",
    to: "await transport.sendMail(message);",
    stoppedBy: SMTP,
  },
  {
    edit: "the connection to a hanging server stays",
    file: MAILER,
    from: "for (const socket of own) socket.destroy();",
    to: "own.length = 0;",
    stoppedBy: SMTP,
  },
  {
    edit: "close ends no connection",
    file: MAILER,
    from: "for (const socket of sockets) socket.destroy(closed());",
    to: "sockets.clear();",
    stoppedBy: SMTP,
  },
  {
    edit: "a wrong password of ours loses the mail for good",
    file: FAILURE,
    from: "ABOUT_THE_MAIL.includes(word) && ",
    to: "",
    stoppedBy: SMTP,
  },
  {
    edit: "a busy server loses the mail for good",
    file: FAILURE,
    from: "status >= 500",
    to: "status >= 400",
    stoppedBy: SMTP,
  },
  {
    edit: "the server's words reach the log",
    file: FAILURE,
    from: "return failure({ code: word, permanent,",
    to: "return Object.assign(failure({ code: word, permanent }), { cause: error }, { code: word, permanent,",
    stoppedBy: SMTP,
  },
  {
    edit: "mails are printed in production",
    file: "src/adapters/console/console-mailer.ts",
    from: 'process.env["NODE_ENV"] === "production"',
    to: 'process.env["NODE_ENV"] === "prod"',
    stoppedBy: CONSOLE,
  },
  {
    edit: "any text is an address of a client",
    file: CONTENT,
    from: "request.ip === null ? null : normalizeAddress(request.ip)",
    to: "request.ip",
    stoppedBy: RENDERER,
  },
  {
    edit: "any text is a device",
    file: CONTENT,
    from: "Object.freeze(knownDeviceName(request.device))",
    to: "request.device",
    stoppedBy: RENDERER,
  },
  {
    edit: "any text is a link",
    file: CONTENT,
    from: "!TOKEN.test(link) || ",
    to: "",
    stoppedBy: RENDERER,
  },
  {
    edit: "a mail without its proof",
    file: CONTENT,
    from: "if (needsProof !== (proof !== null))",
    to: "if (needsProof !== needsProof)",
    stoppedBy: RENDERER,
  },
  {
    edit: "what a template makes is sent unseen",
    file: "src/kit/mail/mail-renderer.ts",
    from: "  if (problem !== null) throw failed(problem);\n",
    to: "",
    stoppedBy: RENDERER,
  },
  {
    edit: "a language falls to no other",
    file: "src/kit/mail/templates.ts",
    from: 'of [...localeChain(wanted ?? ""), ...localeChain(fallback)]',
    to: 'of [wanted ?? "", fallback]',
    stoppedBy: RENDERER,
  },
  {
    edit: "a quote ends an attribute of a mail",
    file: "src/lib/html.ts",
    from: "/[&<>\"']/g",
    to: "/[&<>']/g",
    stoppedBy: HTML,
  },
  {
    edit: "a mail loads an image",
    file: "src/kit/mail/layout-html.ts",
    from: "</h1>\n",
    to: '</h1><img src="https://count.example/1.gif" alt="">\n',
    stoppedBy: MAILS,
  },
  {
    edit: "the code is not the last line",
    file: "src/kit/mail/layout-text.ts",
    from: "    ...words.outro,\n    autofillLine(content),\n",
    to: "    autofillLine(content),\n    ...words.outro,\n",
    stoppedBy: MAILS,
  },
];
