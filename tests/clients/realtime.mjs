// Two people, their files in one bucket, and what each is told of them. The test has published storage.objects, made the policies of
// bucket and private channels, and a trigger that broadcasts each new file on its owner's channel.
import { assert, connect, ok, signUp } from './client.mjs'

const bucket = process.env.BUCKET

/** Collects what comes, and waits until enough of it has. */
function collector() {
  const seen = []
  return {
    seen,
    add: (item) => seen.push(item),
    async until(count, what) {
      for (let turn = 0; seen.length < count; turn++) {
        assert.ok(turn < 400, `waited for ${count} of ${what}, saw ${JSON.stringify(seen)}`)
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      return seen
    },
  }
}

/** Subscribes and waits for a status. */
function subscribed(channel, wanted = 'SUBSCRIBED') {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${wanted} on ${channel.topic}`)), 10_000)
    channel.subscribe((status, error) => {
      if (status === wanted) {
        clearTimeout(timer)
        resolve(error)
      } else if (status === 'CHANNEL_ERROR' || status === 'TIMED_OUT') {
        clearTimeout(timer)
        reject(error ?? new Error(status))
      }
    })
  })
}

const ada = await signUp()
const bob = await signUp()
await ada.client.realtime.setAuth(ada.session.access_token)
await bob.client.realtime.setAuth(bob.session.access_token)

// Changes: each sees the rows that storage's policies show them.
const changesOf = {}
const attached = {}
for (const person of [ada, bob]) {
  const changes = collector()
  const systems = collector()
  const channel = person.client.channel('files')
    .on('postgres_changes', { event: 'INSERT', schema: 'storage', table: 'objects', filter: `bucket_id=eq.${bucket}` }, changes.add)
    .on('postgres_changes', { event: 'DELETE', schema: 'storage', table: 'objects' }, changes.add)
    .on('system', {}, systems.add)
  await subscribed(channel)
  await systems.until(1, 'system messages')
  assert.equal(systems.seen[0].status, 'ok', JSON.stringify(systems.seen))
  changesOf[person.email] = changes
  attached[person.email] = channel
}

// The private channel that the trigger broadcasts on.
const folder = ada.client.channel(`folder:${ada.user.id}`, { config: { private: true } })
const broadcasts = collector()
folder.on('broadcast', { event: 'INSERT' }, broadcasts.add)
await subscribed(folder)
const intruder = bob.client.channel(`folder:${ada.user.id}`, { config: { private: true } })
await assert.rejects(subscribed(intruder), /Unauthorized/)

const path = `${ada.user.id}/first.txt`
ok(await ada.client.storage.from(bucket).upload(path, 'hello'))
ok(await bob.client.storage.from(bucket).upload(`${bob.user.id}/his.txt`, 'hello'))

const adas = await changesOf[ada.email].until(1, "Ada's changes")
const bobs = await changesOf[bob.email].until(1, "Bob's changes")
assert.equal(adas[0].eventType, 'INSERT')
assert.equal(adas[0].new.name, path)
assert.equal(adas[0].new.bucket_id, bucket)
assert.equal(adas[0].new.metadata.size, 5)
assert.match(adas[0].commit_timestamp, /^\d{4}-\d\d-\d\dT.*Z$/)
assert.equal(bobs[0].new.name, `${bob.user.id}/his.txt`)

const [broadcast] = await broadcasts.until(1, 'broadcasts')
assert.equal(broadcast.payload.record.name, path)
assert.equal(broadcast.payload.operation, 'INSERT')

ok(await ada.client.storage.from(bucket).remove([path]))
const removed = (await changesOf[ada.email].until(2, "Ada's changes"))[1]
assert.equal(removed.eventType, 'DELETE')
assert.deepEqual(Object.keys(removed.old), ['id'])
assert.equal(changesOf[bob.email].seen.filter((change) => change.eventType === 'INSERT').length, 1)

// Broadcast between two clients, with an acknowledgement, to the sender too where it asks for it.
const talk = { config: { broadcast: { ack: true, self: true } } }
const [here, there] = [ada.client.channel('talk', talk), bob.client.channel('talk')]
const [own, heard] = [collector(), collector()]
here.on('broadcast', { event: 'word' }, own.add)
there.on('broadcast', { event: 'word' }, heard.add)
await subscribed(here)
await subscribed(there)
assert.equal(await here.send({ type: 'broadcast', event: 'word', payload: { text: 'grüß dich' } }), 'ok')
assert.deepEqual((await heard.until(1, 'words'))[0].payload, { text: 'grüß dich' })
assert.deepEqual((await own.until(1, 'own words'))[0].payload, { text: 'grüß dich' })

// Over HTTP, by somebody who has joined nothing.
const outside = connect().channel('talk')
assert.equal(await outside.send({ type: 'broadcast', event: 'word', payload: { text: 'from outside' } }), 'ok')
assert.deepEqual((await heard.until(2, 'words'))[1].payload, { text: 'from outside' })

// Presence: state, join, update and leave.
const rooms = [ada, bob].map((person) => person.client.channel('room', { config: { presence: { key: person.email } } }))
const [joins, leaves] = [collector(), collector()]
rooms[0].on('presence', { event: 'join' }, joins.add).on('presence', { event: 'leave' }, leaves.add).on('presence', { event: 'sync' }, () => {})
rooms[1].on('presence', { event: 'sync' }, () => {})
await subscribed(rooms[0])
await subscribed(rooms[1])
assert.equal(await rooms[0].track({ mood: 'good' }), 'ok')
await joins.until(1, 'joins')
assert.equal(await rooms[1].track({ mood: 'curious' }), 'ok')
await joins.until(2, 'joins')
assert.deepEqual(Object.keys(rooms[0].presenceState()).sort(), [ada.email, bob.email].sort())
assert.equal(rooms[0].presenceState()[bob.email][0].mood, 'curious')
assert.equal(await rooms[1].track({ mood: 'bored' }), 'ok')
await joins.until(3, 'joins')
assert.equal(rooms[0].presenceState()[bob.email][0].mood, 'bored')
await bob.client.removeAllChannels()
await leaves.until(1, 'leaves')
for (let turn = 0; Object.keys(rooms[0].presenceState()).length > 1; turn++) {
  assert.ok(turn < 200, 'Bob is still there')
  await new Promise((resolve) => setTimeout(resolve, 25))
}

// Signing out everywhere, from somewhere else, ends the channels of the sessions.
const elsewhere = connect()
ok(await elsewhere.auth.signInWithPassword({ email: ada.email, password: ada.password }))
const closed = collector()
attached[ada.email].on('system', {}, closed.add)
ok(await elsewhere.auth.signOut({ scope: 'global' }))
await closed.until(1, 'system messages')

await Promise.all([ada.client.removeAllChannels(), bob.client.removeAllChannels()])
process.exit(0)
