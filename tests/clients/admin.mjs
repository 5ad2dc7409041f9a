// The rest of an administrator's work: pages of users, links, invitations, bans, removal that keeps a trace.
import { address, anonKey, assert, connect, failed, ok, serviceRoleKey, signUp } from './client.mjs'

const admin = connect(serviceRoleKey).auth.admin
for (let index = 0; index < 3; index++) {
  ok(await admin.createUser({ email: address(), email_confirm: true, user_metadata: { index } }))
}
const page = ok(await admin.listUsers({ page: 1, perPage: 2 }))
assert.equal(page.users.length, 2)
assert.equal(page.nextPage, 2)
assert.ok(page.total >= 3)
const next = ok(await admin.listUsers({ page: page.nextPage, perPage: 2 }))
assert.ok(!next.users.some(({ id }) => page.users.some((user) => user.id === id)))

const email = address()
const link = ok(await admin.generateLink({ type: 'signup', email, password: 'correct horse', options: { data: { name: 'Ada' } } }))
assert.equal(link.user.email, email)
assert.equal(link.user.user_metadata.name, 'Ada')
assert.match(link.properties.email_otp, /^[0-9]{6}$/)
assert.ok(link.properties.action_link.includes(link.properties.hashed_token))
assert.equal(link.properties.verification_type, 'signup')
assert.equal(failed(await connect().auth.signInWithPassword({ email, password: 'correct horse' })).code, 'email_not_confirmed')

const { user } = await signUp()
assert.equal(ok(await admin.generateLink({ type: 'magiclink', email: user.email })).properties.verification_type, 'magiclink')
assert.equal(ok(await admin.generateLink({ type: 'recovery', email: user.email })).user.id, user.id)
assert.equal(failed(await admin.generateLink({ type: 'recovery', email: address() })).code, 'user_not_found')
const change = ok(await admin.generateLink({ type: 'email_change_new', email: user.email, newEmail: address() }))
assert.equal(change.properties.verification_type, 'email_change_new')

const invited = ok(await admin.inviteUserByEmail(address(), { data: { team: 'blue' } })).user
assert.ok(invited.invited_at)
assert.equal(invited.user_metadata.team, 'blue')
assert.equal(failed(await admin.inviteUserByEmail(user.email)).code, 'email_exists')
assert.equal(failed(await connect(anonKey).auth.admin.inviteUserByEmail(address())).code, 'not_admin')

const banned = ok(await admin.updateUserById(user.id, { ban_duration: '1h' })).user
assert.ok(new Date(banned.banned_until) > new Date())
assert.equal(ok(await admin.updateUserById(user.id, { ban_duration: 'none' })).user.banned_until, undefined)
ok(await admin.deleteUser(user.id, true))
assert.ok(ok(await admin.getUserById(user.id)).user.deleted_at)

console.log('admin: ok')
