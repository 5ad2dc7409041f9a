// The life of a person in one go, as an application leads it: from the sign-up to the moment when every session is over.
import { address, assert, browse, connect, failed, mailTo, ok, setSessionOf, totp } from './client.mjs'

const site = process.env.SITE
const email = address()
const password = 'correct horse'

/** The level that a client's token has reached, and the one that its user could reach. */
async function levels(client) {
  const { currentLevel, nextLevel } = ok(await client.auth.mfa.getAuthenticatorAssuranceLevel())
  return [currentLevel, nextLevel]
}

// Sign up. Until the address is confirmed there is no way in.
const pending = ok(await connect().auth.signUp({ email, password, options: { emailRedirectTo: `${site}/welcome`, data: { name: 'Ada' } } }))
assert.equal(pending.session, null)
assert.equal(failed(await connect().auth.signInWithPassword({ email, password })).code, 'email_not_confirmed')

// The link in the mail confirms it, once, and signs in.
const { link } = await mailTo(email)
const landing = await browse(link, site)
assert.equal(landing.pathname, '/welcome')
const first = connect()
const { user } = await setSessionOf(first, landing)
assert.equal(user.id, pending.user.id)
assert.ok(user.email_confirmed_at)
assert.equal(new URLSearchParams((await browse(link, site)).hash.slice(1)).get('error_code'), 'otp_expired')

// Sign in with the password, and refresh: the session stays, its tokens do not.
const client = connect()
const signedIn = ok(await client.auth.signInWithPassword({ email, password }))
assert.equal(signedIn.user.user_metadata.name, 'Ada')
const sessionId = ok(await client.auth.getClaims()).claims.session_id
const refreshed = ok(await client.auth.refreshSession())
assert.notEqual(refreshed.session.refresh_token, signedIn.session.refresh_token)
assert.equal(ok(await client.auth.getClaims()).claims.session_id, sessionId)

// A second factor raises this session, and ends the one that did not come along.
const factor = ok(await client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' }))
assert.deepEqual(await levels(client), ['aal1', 'aal1'])
ok(await client.auth.mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret, -1) }))
assert.deepEqual(await levels(client), ['aal2', 'aal2'])
failed(await first.auth.getUser())
ok(await client.auth.refreshSession())
assert.deepEqual(await levels(client), ['aal2', 'aal2'])

// An account elsewhere is linked, and from then on it leads to the same person.
const linking = ok(await client.auth.linkIdentity({ provider: 'acme', options: { redirectTo: site, skipBrowserRedirect: true } }))
await browse(linking.url, site)
assert.deepEqual(ok(await client.auth.getUserIdentities()).identities.map(({ provider }) => provider), ['email', 'acme'])
const elsewhere = connect()
const { url } = ok(await elsewhere.auth.signInWithOAuth({ provider: 'acme', options: { redirectTo: site, skipBrowserRedirect: true } }))
assert.equal((await setSessionOf(elsewhere, await browse(url, site))).user.id, user.id)
assert.deepEqual(await levels(elsewhere), ['aal1', 'aal2'])

// The password is forgotten. The mail alone is not enough for somebody who has a second factor.
ok(await connect().auth.resetPasswordForEmail(email, { redirectTo: `${site}/password` }))
const recovered = await browse((await mailTo(email)).link, site)
assert.equal(recovered.pathname, '/password')
assert.equal(new URLSearchParams(recovered.hash.slice(1)).get('type'), 'recovery')
const recovering = connect()
await setSessionOf(recovering, recovered)
assert.equal(failed(await recovering.auth.updateUser({ password: 'battery staple' })).code, 'insufficient_aal')
ok(await recovering.auth.mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret) }))
ok(await recovering.auth.updateUser({ password: 'battery staple' }))
failed(await client.auth.getUser())     // a new password ends the other sessions
assert.equal(failed(await connect().auth.signInWithPassword({ email, password })).code, 'invalid_credentials')

// Signed in at two places, and signed out of both from one of them.
const last = connect()
ok(await last.auth.signInWithPassword({ email, password: 'battery staple' }))
ok({ data: true, ...(await recovering.auth.signOut({ scope: 'global' })) })
assert.equal(failed(await last.auth.getUser()).name, 'AuthSessionMissingError')
failed(await last.auth.refreshSession())

console.log('life: ok')
