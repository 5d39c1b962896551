/**
 * One REST call: sent, repeated where that is harmless, and read.
 * @module
 */

/**
 * @typedef {object} CallerOptions
 * @property {string} url where the server is, like `https://host`
 * @property {string | (() => string | Promise<string>)} token a platform token, or what gets one
 * @property {typeof fetch} [fetch]
 * @property {(ms: number) => Promise<void>} [wait]
 */

/**
 * @typedef {object} CallOptions
 * @property {any} [body] fields that are undefined are left out
 * @property {Record<string, string | number | undefined>} [query]
 * @property {string} [idempotencyKey] makes a repeated POST count once
 */

const REPEATS = 2;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** A call was refused, or (`status` 0, `code` network) nobody answered. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Record<string, any>} problem the answer, as application/problem+json has it
   * @param {number | null} retryAfter seconds
   */
  constructor(status, problem, retryAfter = null) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    /** Stable, for programs. @type {string} */
    this.code = problem.code ?? "unknown";
    /** @type {string} */
    this.title = problem.title ?? "";
    /** What is wrong with which field. @type {Record<string, string[]>} */
    this.errors = problem.errors ?? {};
    /** @type {string | null} */
    this.requestId = problem.request_id ?? null;
    this.retryAfter = retryAfter;
  }
}

export class Caller {
  #base;
  #token;
  #fetch;
  #wait;

  /** @param {CallerOptions} options */
  constructor({ url, token, fetch: fetcher = (...request) => fetch(...request), wait = sleep }) {
    this.#base = `${url.replace(/\/+$/, "")}/api/v1/`;
    this.#token = token;
    this.#fetch = fetcher;
    this.#wait = wait;
  }

  /** @param {string} path below /api/v1/ @param {CallOptions["query"]} [query] */
  url(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#base + path + (text ? `?${text}` : "");
  }

  /**
   * @param {"GET" | "POST"} method
   * @param {string} path below /api/v1/
   * @param {CallOptions} [options]
   * @returns {Promise<any>} the answer
   * @throws {ApiError}
   */
  async call(method, path, options = {}) {
    const response = await this.#repeated(method, path, options);
    return response.json();
  }

  /** @param {string} path @param {string} name of the file, where a page of another origin may not read the server's @returns {Promise<{blob: Blob, filename: string}>} */
  async download(path, name) {
    const response = await this.#repeated("GET", path, {});
    const named = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "");
    return { blob: await response.blob(), filename: named?.[1] ?? name };
  }

  /** @param {string} method @param {string} path @param {CallOptions} options @returns {Promise<Response>} */
  async #repeated(method, path, options) {
    const isHarmless = method === "GET" || options.idempotencyKey !== undefined;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#send(method, path, options);
      } catch (problem) {
        const isPassing = problem instanceof ApiError && [0, 429, 503].includes(problem.status);
        if (!isPassing || !isHarmless || attempt === REPEATS) throw problem;
        const wait = (problem.retryAfter ?? 0) * 1000 || FIRST_WAIT_MS * 2 ** attempt;
        await this.#wait(Math.min(LONGEST_WAIT_MS, wait));
      }
    }
  }

  /** @param {string} method @param {string} path @param {CallOptions} options @returns {Promise<Response>} */
  async #send(method, path, { body, query, idempotencyKey }) {
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    /** @type {Record<string, string>} */
    const headers = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
    const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    const response = await this.#fetch(this.url(path, query), request).catch((/** @type {Error} */ lost) => {
      throw new ApiError(0, { code: "network", detail: lost.message });
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({})); // a proxy's page has no problem in it
    throw new ApiError(response.status, problem, Number(response.headers.get("Retry-After")) || null);
  }
}

/** @param {number} ms @returns {Promise<void>} */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
