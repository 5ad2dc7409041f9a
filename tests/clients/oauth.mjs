// Signing in with an account elsewhere, with both kinds of answer; linking one and unlinking it. The test runs the provider.
import { anonKey, assert, browse, connect, failed, ok, setSessionOf, signUp } from './client.mjs'

const site = process.env.SITE

const client = connect(anonKey, { flowType: 'pkce' })
const { url } = ok(await client.auth.signInWithOAuth({ provider: 'acme', options: { redirectTo: `${site}/welcome`, skipBrowserRedirect: true } }))
const landing = await browse(url, site)
assert.equal(landing.pathname, '/welcome')
const { session, user } = ok(await client.auth.exchangeCodeForSession(landing.searchParams.get('code')))
assert.equal(user.app_metadata.provider, 'acme')
assert.equal(user.identities[0].provider, 'acme')
assert.ok(session.provider_token)
assert.equal(ok(await client.auth.getUser()).user.id, user.id)
assert.equal(ok(await client.auth.getClaims()).claims.amr[0].method, 'oauth')

const thief = connect(anonKey, { flowType: 'pkce' })
ok(await thief.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } }))
const again = await browse(ok(await client.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } })).url, site)
assert.equal(failed(await thief.auth.exchangeCodeForSession(again.searchParams.get('code'))).code, 'bad_code_verifier')

const implicit = connect()
const answer = await browse(ok(await implicit.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } })).url, site)
const set = await setSessionOf(implicit, answer)
assert.equal(set.user.id, user.id)

// Somebody who signed up with a password: the provider's account is taken already, so it cannot be theirs too.
const other = await signUp()
const link = ok(await other.client.auth.linkIdentity({ provider: 'acme', options: { redirectTo: site, skipBrowserRedirect: true } }))
const refused = await browse(link.url, site)
assert.equal(refused.searchParams.get('error_code'), 'identity_already_exists')
assert.equal(ok(await other.client.auth.getUserIdentities()).identities.length, 1)
const [last] = ok(await other.client.auth.getUserIdentities()).identities
assert.equal(failed(await other.client.auth.unlinkIdentity(last)).code, 'single_identity_not_deletable')

console.log('oauth: ok')
