// Sign up, read, refresh, change and sign out, as an application does it.
import { address, anonKey, assert, connect, failed, ok, serviceRoleKey, signUp } from './client.mjs'

const { client, email, password, user, session } = await signUp()
assert.equal(user.email, email)
assert.equal(user.role, 'authenticated')
assert.equal(user.identities.length, 1)
assert.equal(session.token_type, 'bearer')
assert.equal(session.user.id, user.id)

// The token verifies in the client, with the published keys where they are asymmetric.
const { claims } = ok(await client.auth.getClaims())
assert.equal(claims.sub, user.id)
assert.equal(claims.aud, 'authenticated')
assert.equal(claims.is_anonymous, false)
assert.equal(claims.amr[0].method, 'password')

const duplicate = failed(await connect().auth.signUp({ email, password }))
assert.equal(duplicate.code, 'user_already_exists')

const weak = failed(await connect().auth.signUp({ email: address(), password: '123' }))
assert.equal(weak.code, 'weak_password')
assert.deepEqual(weak.reasons, ['length'])

const wrong = failed(await connect().auth.signInWithPassword({ email, password: 'wrong horse' }))
assert.equal(wrong.code, 'invalid_credentials')

const second = connect()
const signedIn = ok(await second.auth.signInWithPassword({ email: email.toUpperCase(), password }))
assert.notEqual(signedIn.session.access_token, session.access_token)

const refreshed = ok(await client.auth.refreshSession())
assert.notEqual(refreshed.session.refresh_token, session.refresh_token)
assert.equal(ok(await client.auth.getUser()).user.id, user.id)

const updated = ok(await client.auth.updateUser({ data: { nickname: 'Ada', gone: 1 } })).user
assert.equal(updated.user_metadata.nickname, 'Ada')
const merged = ok(await client.auth.updateUser({ data: { gone: null } })).user
assert.equal(merged.user_metadata.nickname, 'Ada')
assert.ok(!('gone' in merged.user_metadata))

const same = failed(await client.auth.updateUser({ password }))
assert.equal(same.code, 'same_password')
ok(await client.auth.updateUser({ password: 'battery staple' }))
failed(await second.auth.getUser())     // a new password ends the other sessions
ok(await connect().auth.signInWithPassword({ email, password: 'battery staple' }))

ok({ data: true, ...(await client.auth.signOut()) })
assert.equal(failed(await client.auth.getUser(refreshed.session.access_token)).name, 'AuthSessionMissingError')

// Administration with the service key.
const admin = connect(serviceRoleKey).auth.admin
const made = ok(await admin.createUser({ email: address(), password, email_confirm: true, app_metadata: { role: 'support' } })).user
assert.equal(made.app_metadata.role, 'support')
assert.ok(ok(await admin.listUsers({ page: 1, perPage: 1 })).total >= 2)
assert.equal(ok(await admin.getUserById(made.id)).user.email, made.email)
ok(await admin.updateUserById(made.id, { ban_duration: '24h' }))
assert.equal(failed(await connect().auth.signInWithPassword({ email: made.email, password })).code, 'user_banned')
ok(await admin.updateUserById(made.id, { ban_duration: 'none' }))
ok(await connect().auth.signInWithPassword({ email: made.email, password }))
ok(await admin.deleteUser(made.id))
assert.equal(failed(await admin.getUserById(made.id)).code, 'user_not_found')
assert.equal(failed(await connect(anonKey).auth.admin.listUsers()).code, 'not_admin')

console.log('auth: ok')
