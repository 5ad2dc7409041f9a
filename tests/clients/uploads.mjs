// Large files in parts with the client that Supabase recommends for them, signed uploads, pages of lists and resized images.
import { deflateSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import * as tus from 'tus-js-client'
import { anonKey, assert, connect, failed, ok, serviceRoleKey, signUp } from './client.mjs'

const bucketName = process.env.BUCKET
const endpoint = `${process.env.SUPABASE_URL}/storage/v1/upload/resumable`
const chunkSize = 6 * 1024 * 1024
const admin = connect(serviceRoleKey)
ok(await admin.storage.createBucket(bucketName, { public: false }))
const ada = await signUp()
const bob = await signUp()
const files = ada.client.storage.from(bucketName)
const folder = ada.user.id

function start(name, content, more = {}) {
  const { session = ada.session, abortAfter, ...options } = more
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(Buffer.from(content), {
      endpoint,
      chunkSize,
      retryDelays: [0, 100, 300],
      headers: { authorization: `Bearer ${session.access_token}`, apikey: anonKey },
      uploadDataDuringCreation: true,
      removeFingerprintOnSuccess: true,
      metadata: { bucketName, objectName: name, contentType: 'application/x-test', cacheControl: '3600', metadata: JSON.stringify({ mood: 'good' }) },
      onError: reject,
      onSuccess: () => resolve(upload),
      onChunkComplete: (_, sent) => abortAfter && sent >= abortAfter && upload.abort().then(() => resolve(upload), reject),
      ...options,
    })
    upload.start()
  })
}

async function read(name) {
  return Buffer.from(await ok(await files.download(name)).arrayBuffer())
}

// In two parts, and all that was said of it.
const large = randomBytes(chunkSize + 1_000_000)
await start(`${folder}/large.bin`, large)
assert.ok((await read(`${folder}/large.bin`)).equals(large))
const info = ok(await files.info(`${folder}/large.bin`))
assert.equal(info.contentType, 'application/x-test')
assert.equal(info.cacheControl, 'max-age=3600')
assert.equal(info.metadata.mood, 'good')

// Stopped after the first part, and taken up by another client that knows the URL alone.
const stopped = await start(`${folder}/stopped.bin`, large, { abortAfter: chunkSize })
failed(await files.info(`${folder}/stopped.bin`))
await start(`${folder}/stopped.bin`, large, { uploadUrl: stopped.url })
assert.ok((await read(`${folder}/stopped.bin`)).equals(large))

// Stopped and terminated.
const ended = await start(`${folder}/ended.bin`, large, { abortAfter: chunkSize })
await ended.abort(true)
await assert.rejects(() => start(`${folder}/ended.bin`, large, { uploadUrl: ended.url, endpoint: null, retryDelays: null }))

// Replaced only with x-upsert, and only by the owner of the folder.
await assert.rejects(() => start(`${folder}/large.bin`, 'x', { retryDelays: null }), /response code: 409/)
await assert.rejects(() => start(`${folder}/bob.bin`, 'x', { session: bob.session, retryDelays: null }), /response code: 403/)
const headers = { authorization: `Bearer ${ada.session.access_token}`, apikey: anonKey, 'x-upsert': 'true' }
await start(`${folder}/large.bin`, 'replaced', { headers })
assert.equal((await read(`${folder}/large.bin`)).toString(), 'replaced')

// By a signed token, in one piece and in parts.
const signed = ok(await files.createSignedUploadUrl(`${folder}/signed.txt`))
const anyone = connect().storage.from(bucketName)
assert.equal(ok(await anyone.uploadToSignedUrl(signed.path, signed.token, 'by anybody', { contentType: 'text/plain' })).path, signed.path)
assert.equal(failed(await anyone.uploadToSignedUrl(signed.path, signed.token, 'again')).statusCode, '409')
const inParts = ok(await files.createSignedUploadUrl(`${folder}/signed.bin`))
await start(inParts.path, large, { endpoint: `${endpoint}/sign`, headers: { 'x-signature': inParts.token } })
assert.ok((await read(inParts.path)).equals(large))

// Pages.
for (const name of ['zz', 'bb', 'xx', 'ww', 'cc']) {
  ok(await files.upload(`${folder}/pages/${name}`, name))
}
for (const [sortBy, expected] of [
  [undefined, ['bb', 'cc', 'ww', 'xx', 'zz']],
  [{ column: 'name', order: 'desc' }, ['zz', 'xx', 'ww', 'cc', 'bb']],
  [{ column: 'created_at', order: 'asc' }, ['zz', 'bb', 'xx', 'ww', 'cc']],
]) {
  const seen = []
  let page
  do {
    const options = { prefix: `${folder}/pages/`, with_delimiter: true, limit: 2, cursor: page?.nextCursor, sortBy }
    page = ok(await files.listV2(options))
    seen.push(...page.objects.map(({ name }) => name.split('/').at(-1)))
  } while (page.hasNext)
  assert.deepEqual(seen, expected)
}
const folders = ok(await files.listV2({ prefix: `${folder}/`, with_delimiter: true })).folders
assert.deepEqual(folders.map(({ key, name }) => [key, name]), [[`${folder}/pages`, `${folder}/pages/`]])
assert.deepEqual(ok(await bob.client.storage.from(bucketName).listV2({ prefix: folder })).objects, [])

// Images.
ok(await files.upload(`${folder}/picture.png`, png(400, 200), { contentType: 'image/png' }))
const transform = { width: 100, height: 100, resize: 'contain' }
const small = ok(await files.download(`${folder}/picture.png`, { transform }))
assert.equal(small.type, 'image/png')
assert.deepEqual(measures(Buffer.from(await small.arrayBuffer())), [100, 50])
const { signedUrl } = ok(await files.createSignedUrl(`${folder}/picture.png`, 60, { transform: { width: 200, height: 200, quality: 60 } }))
const rendered = await fetch(signedUrl)
assert.equal(rendered.status, 200)
assert.equal(rendered.headers.get('x-transformations'), 'height:200,width:200,resizing_type:fill,quality:60')
failed(await bob.client.storage.from(bucketName).download(`${folder}/picture.png`, { transform }))

/** A grey picture. */
function png(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(checksum(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const pixels = deflateSync(Buffer.alloc(height * (width + 1)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

function checksum(bytes) {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

function measures(image) {
  return [image.readUInt32BE(16), image.readUInt32BE(20)]
}

console.log('uploads: ok')
