// Rows through .from() and .rpc(), as two people whose tokens the test has signed.
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'
import { anonKey, assert, failed, ok } from './client.mjs'

const as = (token) => createClient(process.env.SUPABASE_URL, anonKey, {
  accessToken: async () => token,
  db: { schema: 'rest_tests' },
  realtime: { transport: globalThis.WebSocket ?? WebSocket },
})
const ada = as(process.env.TOKEN)
const bob = as(process.env.OTHER_TOKEN)

const made = ok(await ada.from('notes').insert([{ title: 'from js', stars: 4 }, { title: 'and more', stars: 5 }]).select())
assert.deepEqual(made.map(({ title, stars }) => [title, stars]), [['from js', 4], ['and more', 5]])
const id = made[0].id
ok(await ada.from('tags').insert({ note_id: id, name: 'js' }))

const embedded = ok(await ada.from('notes').select('title, tags(name)').eq('id', id).single())
assert.deepEqual(embedded, { title: 'from js', tags: [{ name: 'js' }] })
assert.equal(ok(await ada.from('notes').select().eq('title', 'no such').maybeSingle()), null)
assert.equal(failed(await ada.from('notes').select().single()).code, 'PGRST116')

const { data: page, count } = await ada.from('notes').select('id', { count: 'exact' }).order('id').range(0, 1)
assert.equal(page.length, 2)
assert.equal(count, 5)
const head = await ada.from('notes').select('*', { count: 'exact', head: true })
assert.equal(head.count, 5)
const found = ok(await ada.from('notes').select('title').or('stars.eq.4,title.eq."two, (three)"').order('title'))
assert.deepEqual(found.map(({ title }) => title), ['from js', 'two, (three)'])
assert.equal(ok(await ada.from('notes').select('id').in('stars', [4, 5]).not('title', 'is', null)).length, 2)

assert.equal(ok(await ada.from('notes').update({ stars: 1 }).eq('id', id).select('stars').single()).stars, 1)
assert.equal(ok(await ada.from('notes').upsert({ title: 'from js', stars: 2 }, { onConflict: 'title' }).select('id').single()).id, id)
assert.equal(failed(await ada.from('notes').insert({ title: 'from js' })).code, '23505')
assert.equal(failed(await ada.from('notes').insert({ nothing: 1 })).code, 'PGRST204')

assert.deepEqual(ok(await bob.from('notes').select('title')).map(({ title }) => title), ['bobs'])
assert.deepEqual(ok(await bob.from('notes').delete().eq('id', id).select()), [])

assert.equal(ok(await ada.rpc('add', { a: 2, b: 3 })), 5)
assert.equal(ok(await ada.rpc('add', { a: 2 }, { get: true })), 3)
assert.equal(ok(await ada.rpc('mine').select('id').eq('id', id)).length, 1)
ok(await ada.from('notes').delete().eq('id', id))
