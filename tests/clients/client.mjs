// What every journey shares: a client of its own, and assertions that say what was seen.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'

const url = process.env.SUPABASE_URL

export const anonKey = process.env.SUPABASE_ANON_KEY
export const serviceRoleKey = process.env.SUPABASE_SERVICE_ROLE_KEY
export { assert }

/** A client with its own memory, as one browser tab has it. */
export function connect(key = anonKey, auth = {}) {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, ...auth },
    // Older Node has no WebSocket of its own, and the client asks for one when it is made.
    realtime: { transport: globalThis.WebSocket ?? WebSocket },
  })
}

/** The data of an answer that must be no error. */
export function ok({ data, error }) {
  if (error) {
    throw new Error(`unexpected ${error.name}: ${error.message} (status ${error.status}, code ${error.code ?? error.statusCode})`)
  }
  return data
}

/** The error of an answer that must be one. */
export function failed({ data, error }) {
  assert.ok(error, `expected an error, got ${JSON.stringify(data)}`)
  return error
}

export function address() {
  return `user-${Date.now()}-${Math.random().toString(36).slice(2)}@example.com`
}

/** A new user and a client that is signed in. */
export async function signUp(password = 'correct horse') {
  const client = connect()
  const email = address()
  const { user, session } = ok(await client.auth.signUp({ email, password }))
  return { client, email, password, user, session }
}

/** What an authenticator app shows, or showed that many periods before. */
export function totp(secret, periods = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + periods))
  const hash = createHmac('sha1', key).update(counter).digest()
  const start = hash.at(-1) & 15
  return String((hash.readUInt32BE(start) & 0x7fffffff) % 1000000).padStart(6, '0')
}

/** The newest mail to an address: its code and its link. */
export async function mailTo(email) {
  const [letter] = await (await fetch(`${url}/inbox.json?to=${encodeURIComponent(email)}`)).json()
  assert.ok(letter, `no mail to ${email}`)
  return { kind: letter.kind, token: letter.text.match(/code: (\d+)/)?.[1], link: letter.text.match(/http\S+/)?.[0] }
}

/** Goes where a browser would go, with its cookies, until it would be back at the application. */
export async function browse(url, site) {
  const cookies = new Map()
  for (let step = 0; step < 10; step++) {
    const { host } = new URL(url)
    const jar = cookies.get(host) ?? new Map()
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      jar.set(name, value)
    }
    cookies.set(host, jar)
    assert.ok(answer.status >= 300 && answer.status < 400, `${answer.status} ${await answer.text()}`)
    url = new URL(answer.headers.get('location'), url).href
    if (url.startsWith(site)) {
      return new URL(url)
    }
  }
  throw new Error('nowhere')
}

/** Takes the session that a browser brought back in its fragment. */
export async function setSessionOf(client, landing) {
  const parts = new URLSearchParams(landing.hash.slice(1))
  return ok(await client.auth.setSession({ access_token: parts.get('access_token'), refresh_token: parts.get('refresh_token') }))
}
