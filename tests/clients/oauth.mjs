// Signing in with an account elsewhere, with both kinds of answer; linking one and unlinking it. The test runs the provider.
import { anonKey, assert, connect, failed, ok, signUp } from './client.mjs'

const site = process.env.SITE

/** Goes where a browser would go, with its cookies, until it would be back at the application. */
async function follow(url) {
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

const client = connect(anonKey, { flowType: 'pkce' })
const { url } = ok(await client.auth.signInWithOAuth({ provider: 'acme', options: { redirectTo: `${site}/welcome`, skipBrowserRedirect: true } }))
const landing = await follow(url)
assert.equal(landing.pathname, '/welcome')
const { session, user } = ok(await client.auth.exchangeCodeForSession(landing.searchParams.get('code')))
assert.equal(user.app_metadata.provider, 'acme')
assert.equal(user.identities[0].provider, 'acme')
assert.ok(session.provider_token)
assert.equal(ok(await client.auth.getUser()).user.id, user.id)
assert.equal(ok(await client.auth.getClaims()).claims.amr[0].method, 'oauth')

const thief = connect(anonKey, { flowType: 'pkce' })
ok(await thief.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } }))
const again = await follow(ok(await client.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } })).url)
assert.equal(failed(await thief.auth.exchangeCodeForSession(again.searchParams.get('code'))).code, 'bad_code_verifier')

const implicit = connect()
const answer = await follow(ok(await implicit.auth.signInWithOAuth({ provider: 'acme', options: { skipBrowserRedirect: true } })).url)
const parts = new URLSearchParams(answer.hash.slice(1))
const set = ok(await implicit.auth.setSession({ access_token: parts.get('access_token'), refresh_token: parts.get('refresh_token') }))
assert.equal(set.user.id, user.id)

// Somebody who signed up with a password: the provider's account is taken already, so it cannot be theirs too.
const other = await signUp()
const link = ok(await other.client.auth.linkIdentity({ provider: 'acme', options: { redirectTo: site, skipBrowserRedirect: true } }))
const refused = await follow(link.url)
assert.equal(refused.searchParams.get('error_code'), 'identity_already_exists')
assert.equal(ok(await other.client.auth.getUserIdentities()).identities.length, 1)
const [last] = ok(await other.client.auth.getUserIdentities()).identities
assert.equal(failed(await other.client.auth.unlinkIdentity(last)).code, 'single_identity_not_deletable')

console.log('oauth: ok')
