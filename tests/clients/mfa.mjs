// A second factor from its enrolment to the higher level, signing out everywhere, and what an administrator does with factors.
import { assert, connect, failed, ok, serviceRoleKey, signUp, totp } from './client.mjs'

const { client, email, password, user } = await signUp()
const other = connect()
ok(await other.auth.signInWithPassword({ email, password }))

const before = ok(await client.auth.mfa.getAuthenticatorAssuranceLevel())
assert.deepEqual([before.currentLevel, before.nextLevel], ['aal1', 'aal1'])
assert.ok(before.currentAuthenticationMethods[0].timestamp <= Date.now() / 1000)

const factor = ok(await client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone', issuer: 'Journeys' }))
assert.equal(factor.type, 'totp')
assert.match(factor.totp.uri, /^otpauth:\/\/totp\/Journeys:/)
assert.match(factor.totp.qr_code, /^data:image\/svg\+xml;utf-8,</)
assert.equal(failed(await client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' })).code, 'mfa_factor_name_conflict')
assert.equal(failed(await client.auth.mfa.enroll({ factorType: 'phone', phone: '+15555550100' })).code, 'mfa_phone_enroll_not_enabled')

const challenge = ok(await client.auth.mfa.challenge({ factorId: factor.id }))
assert.equal(
  failed(await client.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: 'abcdef' })).code, 'mfa_verification_failed')
const raised = ok(await client.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: totp(factor.totp.secret, -1) }))
assert.equal(raised.user.id, user.id)

const level = ok(await client.auth.mfa.getAuthenticatorAssuranceLevel())
assert.equal(level.currentLevel, 'aal2')
assert.deepEqual(level.currentAuthenticationMethods.map(({ method }) => method).sort(), ['password', 'totp'])
assert.equal(ok(await client.auth.mfa.listFactors()).totp[0].id, factor.id)
assert.equal(ok(await client.auth.getClaims()).claims.aal, 'aal2')
failed(await other.auth.getUser())     // a session below the new level is over
assert.equal(ok(await client.auth.refreshSession()).session.user.factors.length, 1)
assert.equal(ok(await client.auth.getClaims()).claims.aal, 'aal2')

// A new sign-in begins below, and the client knows that there is more to do.
const later = connect()
ok(await later.auth.signInWithPassword({ email, password }))
assert.equal(ok(await later.auth.mfa.getAuthenticatorAssuranceLevel()).nextLevel, 'aal2')
assert.equal(failed(await later.auth.mfa.unenroll({ factorId: factor.id })).code, 'insufficient_aal')
ok(await later.auth.mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret, 1) }))
assert.equal(ok(await later.auth.mfa.getAuthenticatorAssuranceLevel()).currentLevel, 'aal2')

// Signing out elsewhere, then everywhere.
ok({ data: true, ...(await later.auth.signOut({ scope: 'others' })) })
failed(await client.auth.getUser())
ok(await later.auth.getUser())
const third = connect()
ok(await third.auth.signInWithPassword({ email, password }))
ok({ data: true, ...(await later.auth.signOut({ scope: 'global' })) })
failed(await third.auth.getUser())
failed(await third.auth.refreshSession())

const admin = connect(serviceRoleKey).auth.admin
assert.equal(ok(await admin.mfa.listFactors({ userId: user.id })).factors[0].id, factor.id)
assert.equal(ok(await admin.mfa.deleteFactor({ userId: user.id, id: factor.id })).data.id, factor.id)
assert.equal(ok(await admin.getUserById(user.id)).user.factors, undefined)

const fourth = connect()
const { session: last } = ok(await fourth.auth.signInWithPassword({ email, password }))
ok({ data: true, ...(await admin.signOut(last.access_token, 'global')) })
failed(await fourth.auth.getUser())

console.log('mfa: ok')
