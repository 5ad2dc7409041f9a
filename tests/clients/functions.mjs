// The functions of the repository, called as an application calls them.
import { FunctionRegion, FunctionsHttpError, FunctionsRelayError } from '@supabase/supabase-js'
import { assert, connect, failed, ok, serviceRoleKey, signUp } from './client.mjs'

const admin = connect(serviceRoleKey)
const ada = await signUp()
const bob = await signUp()

// A stream arrives as the response itself.
const chat = { model: 'gpt-test', stream: true, messages: [{ role: 'user', content: 'Hello?' }] }
const stream = ok(await ada.client.functions.invoke('ai-chat', { body: chat, region: FunctionRegion.EuCentral1 }))
assert.equal(stream.headers.get('content-type'), 'text/event-stream')
let text = ''
for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
  text += part
}
assert.match(text, /"content":"Hello"/)
assert.ok(text.endsWith('data: [DONE]\n\n'))

// An answer of the function with an error status, and a refusal of the host, are told apart.
const refused = failed(await ada.client.functions.invoke('ai-chat', { body: { model: 'gpt-test' } }))
assert.ok(refused instanceof FunctionsHttpError)
assert.equal((await refused.context.json()).error.code, 'request_invalid')
const forged = failed(await ada.client.functions.invoke('ai-chat', { headers: { Authorization: 'Bearer a.b.c' } }))
assert.ok(forged instanceof FunctionsRelayError)
assert.equal(forged.context.status, 401)
assert.ok(failed(await ada.client.functions.invoke('no-such-function')) instanceof FunctionsRelayError)

// A picture of two pixels, from Storage, as whoever may read it.
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAADklEQVR4nGP4z8AAQv8BD/kD/YURmXYAAAAASUVORK5CYII=', 'base64')
await admin.storage.createBucket('function-pictures')
const path = `${ada.user.id}/two pixels.png`
ok(await ada.client.storage.from('function-pictures').upload(path, picture, { contentType: 'image/png', upsert: true }))
const options = { body: { bucket: 'function-pictures', path } }
const small = ok(await ada.client.functions.invoke('transform-image?width=1&format=jpeg', options))
assert.ok(small.length > 0)
const hidden = failed(await bob.client.functions.invoke('transform-image?width=1', options))
assert.equal(hidden.context.status, 404)

// And one that is sent along.
const { data, response } = await ada.client.functions.invoke('transform-image', { body: new Blob([picture]) })
assert.equal(response.headers.get('x-image-width'), '2')
assert.ok(data)
