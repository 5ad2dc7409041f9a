// Everything that goes through a mail, as an application does it: the mails are read where a developer reads them.
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'
import { address, anonKey, assert, connect, failed, mailTo, ok, setSessionOf } from './client.mjs'

const url = process.env.SUPABASE_URL
const password = 'correct horse'

/** Mails of one kind keep their distance. */
function pause() {
  return new Promise((resolve) => setTimeout(resolve, 4100))
}

/** Where a link leads, as a browser would follow it. */
async function follow(link) {
  const response = await fetch(link, { redirect: 'manual' })
  assert.equal(response.status, 303)
  return new URL(response.headers.get('location'))
}

/** A client that keeps its verifier, as one that uses PKCE must. */
function connectWithPkce() {
  const memory = new Map()
  return createClient(url, anonKey, {
    auth: {
      flowType: 'pkce',
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storage: {
        getItem: (key) => memory.get(key) ?? null,
        setItem: (key, value) => memory.set(key, value),
        removeItem: (key) => memory.delete(key),
      },
    },
    realtime: { transport: globalThis.WebSocket ?? WebSocket },
  })
}

// Sign up, confirm, sign in.
const email = address()
const client = connect()
const pending = ok(await client.auth.signUp({ email, password, options: { data: { nickname: 'Ada' } } }))
assert.equal(pending.session, null)
assert.equal(pending.user.identities.length, 1)
assert.equal(failed(await client.auth.signInWithPassword({ email, password })).code, 'email_not_confirmed')
const confirmed = ok(await client.auth.verifyOtp({ type: 'signup', email, token: (await mailTo(email)).token }))
assert.equal(confirmed.user.user_metadata.email_verified, true)
assert.equal(ok(await client.auth.getUser()).user.email, email)
assert.equal(ok(await connect().auth.signUp({ email, password })).user.identities.length, 0)     // nobody learns that it is taken

// Sign in by a code, and by a link.
ok(await connect().auth.signInWithOtp({ email, options: { shouldCreateUser: false } }))
assert.equal(ok(await connect().auth.verifyOtp({ type: 'email', email, token: (await mailTo(email)).token })).user.id, confirmed.user.id)
assert.equal(failed(await connect().auth.verifyOtp({ type: 'email', email, token: '000000' })).code, 'otp_expired')
assert.equal(failed(await connect().auth.signInWithOtp({ email: address(), options: { shouldCreateUser: false } })).code, 'otp_disabled')
const newcomer = address()
ok(await connect().auth.signInWithOtp({ email: newcomer, options: { emailRedirectTo: 'http://127.0.0.1:3000/welcome' } }))
const landed = await follow((await mailTo(newcomer)).link)
assert.equal(landed.pathname, '/welcome')
const fromLink = await setSessionOf(connect(), landed)
assert.equal(fromLink.user.email, newcomer)

// Recover by the hash in the link, as a server-rendered application does.
ok(await connect().auth.resetPasswordForEmail(newcomer))
const recovering = connect()
const hash = new URL((await mailTo(newcomer)).link).searchParams.get('token')
ok(await recovering.auth.verifyOtp({ type: 'recovery', token_hash: hash }))
ok(await recovering.auth.updateUser({ password: 'battery staple' }))
ok(await connect().auth.signInWithPassword({ email: newcomer, password: 'battery staple' }))
ok(await connect().auth.resetPasswordForEmail(address()))     // unknown, and the same answer

// PKCE: sign up, sign in and recover with a code that only this client can use.
const careful = connectWithPkce()
const other = address()
ok(await careful.auth.signUp({ email: other, password }))
const signUpCode = (await follow((await mailTo(other)).link)).searchParams.get('code')
assert.equal(failed(await connectWithPkce().auth.exchangeCodeForSession(signUpCode)).name, 'AuthPKCECodeVerifierMissingError')
assert.equal(ok(await careful.auth.exchangeCodeForSession(signUpCode)).user.email, other)
ok(await careful.auth.signInWithOtp({ email: other }))
const otpCode = (await follow((await mailTo(other)).link)).searchParams.get('code')
assert.equal(ok(await careful.auth.exchangeCodeForSession(otpCode)).session.user.email, other)
assert.equal(failed(await careful.auth.exchangeCodeForSession(otpCode)).name, 'AuthPKCECodeVerifierMissingError')
await pause()
ok(await careful.auth.resetPasswordForEmail(other))
const recoveryCode = (await follow((await mailTo(other)).link)).searchParams.get('code')
assert.equal(ok(await careful.auth.exchangeCodeForSession(recoveryCode)).redirectType, 'recovery')

// A new address, confirmed at both.
const next = address()
assert.equal(ok(await client.auth.updateUser({ email: next })).user.new_email, next)
ok(await client.auth.verifyOtp({ type: 'email_change', email, token: (await mailTo(email)).token }))
assert.equal(ok(await client.auth.verifyOtp({ type: 'email_change', email: next, token: (await mailTo(next)).token })).user.email, next)

// A guest who stays.
const guest = connect()
const guestUser = ok(await guest.auth.signInAnonymously({ options: { data: { theme: 'dark' } } })).user
assert.equal(guestUser.is_anonymous, true)
assert.equal(ok(await guest.auth.getClaims()).claims.is_anonymous, true)
const guestEmail = address()
ok(await guest.auth.updateUser({ email: guestEmail }))
const stayed = ok(await guest.auth.verifyOtp({ type: 'email_change', email: guestEmail, token: (await mailTo(guestEmail)).token })).user
assert.equal(stayed.id, guestUser.id)
assert.equal(stayed.is_anonymous, false)
ok(await guest.auth.updateUser({ password }))
ok(await connect().auth.signInWithPassword({ email: guestEmail, password }))

// Confirmations once more, and the nonce.
const slow = address()
ok(await connect().auth.signUp({ email: slow, password }))
assert.equal(failed(await connect().auth.resend({ type: 'signup', email: slow })).code, 'over_email_send_rate_limit')
await pause()
ok(await connect().auth.resend({ type: 'signup', email: slow }))
ok(await guest.auth.reauthenticate())
assert.equal((await mailTo(guestEmail)).kind, 'Reauthentication')

console.log('mail: ok')
