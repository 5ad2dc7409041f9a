// Files of two people in one bucket, where each may only touch the folder of their own id. The test made the policies.
import { assert, connect, failed, ok, serviceRoleKey, signUp } from './client.mjs'

const bucketName = process.env.BUCKET
const admin = connect(serviceRoleKey)
ok(await admin.storage.createBucket(bucketName, { public: false, fileSizeLimit: '1MB' }))
assert.equal(ok(await admin.storage.getBucket(bucketName)).file_size_limit, 1000000)

const ada = await signUp()
const bob = await signUp()
const files = ada.client.storage.from(bucketName)
const others = bob.client.storage.from(bucketName)
const folder = ada.user.id
const path = `${folder}/notes/first note.txt`

const stored = ok(await files.upload(path, new Blob(['hello'], { type: 'text/plain' }), { metadata: { mood: 'good' }, cacheControl: '60' }))
assert.equal(stored.path, path)
assert.equal(failed(await files.upload(path, 'again')).statusCode, '409')
ok(await files.upload(path, 'hello again', { upsert: true, contentType: 'text/plain' }))
ok(await files.update(path, 'the third text', { contentType: 'text/plain', metadata: { mood: 'better' } }))

assert.equal(await ok(await files.download(path)).text(), 'the third text')
const info = ok(await files.info(path))
assert.equal(info.size, 14)
assert.equal(info.metadata.mood, 'better')
assert.equal(ok(await files.exists(path)), true)
assert.equal((await files.exists(`${folder}/none`)).data, false)

const level = ok(await files.list(folder))
assert.deepEqual(level.map(({ name, id }) => [name, id]), [['notes', null]])
const inside = ok(await files.list(`${folder}/notes`, { search: 'first' }))
assert.equal(inside[0].name, 'first note.txt')
assert.equal(inside[0].metadata.mimetype, 'text/plain')

// What belongs to somebody else is not there.
assert.equal(failed(await others.download(path)).status, 400)
assert.deepEqual(ok(await others.list(folder)), [])
assert.equal(failed(await others.upload(`${folder}/intruder.txt`, 'x')).statusCode, '403')
assert.equal(failed(await others.upload(path, 'x', { upsert: true })).statusCode, '403')
assert.equal(failed(await others.createSignedUrl(path, 60)).statusCode, '404')
assert.deepEqual(ok(await others.remove([path])), [])
failed(await others.move(path, `${bob.user.id}/stolen.txt`))
failed(await others.copy(path, `${bob.user.id}/copied.txt`))

// A signed URL needs no header at all.
const { signedUrl } = ok(await files.createSignedUrl(path, 60, { download: 'note.txt' }))
const download = await fetch(signedUrl)
assert.equal(await download.text(), 'the third text')
assert.match(download.headers.get('content-disposition'), /note\.txt/)
const many = ok(await files.createSignedUrls([path, `${folder}/none`], 60))
assert.equal(many[0].error, null)
assert.ok(many[1].error)

ok(await files.copy(path, `${folder}/copy.txt`))
ok(await files.move(`${folder}/copy.txt`, `${folder}/moved.txt`))
assert.equal(await ok(await files.download(`${folder}/moved.txt`)).text(), 'the third text')
const removed = ok(await files.remove([path, `${folder}/moved.txt`, `${folder}/none`]))
assert.deepEqual(removed.map(({ name }) => name).sort(), [path, `${folder}/moved.txt`].sort())
assert.equal(failed(await files.download(path)).status, 400)

const large = new Uint8Array(1000001)
assert.equal(failed(await files.upload(`${folder}/large.bin`, large)).statusCode, '413')

ok(await files.upload(`${folder}/last.txt`, 'last'))
assert.equal(failed(await admin.storage.deleteBucket(bucketName)).statusCode, '409')
ok(await admin.storage.emptyBucket(bucketName))
ok(await admin.storage.deleteBucket(bucketName))
failed(await admin.storage.getBucket(bucketName))

console.log('storage: ok')
