// What every journey shares: a client of its own, and assertions that say what was seen.
import assert from 'node:assert/strict'
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
