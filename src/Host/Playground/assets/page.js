// Each form does one thing with the official client and writes what came into its output, as text and never as HTML.
const settings = fetch('/playground/settings.json').then((answer) => answer.json())
const connecting = settings.then(({ url, anon_key }) => supabase.createClient(url, anon_key, { auth: { storage: sessionStorage } }))
let channel

function data({ data, error }) {
  if (error) {
    throw error
  }
  return data
}

async function words(error) {
  const body = error.context instanceof Response ? ` ${error.context.status} ${await error.context.text()}` : ''
  return `failed: ${error.message}${body}`
}

const acts = {
  async account(client, form, act) {
    const credentials = { email: form.get('email'), password: form.get('password') }
    const { user } = data(act === 'sign-up' ? await client.auth.signUp(credentials) : await client.auth.signInWithPassword(credentials))
    return `signed in as ${user.email}, ${user.id}`
  },

  async file(client, form) {
    const { user } = data(await client.auth.getUser())
    const file = form.get('file')
    const { path } = data(await client.storage.from(form.get('bucket')).upload(`${user.id}/${file.name}`, file))
    return `uploaded ${path}`
  },

  async changes(client, form, act) {
    return act === 'create' ? createDashboard(client) : subscribe(client, form.get('schema'), form.get('table'))
  },

  async function(client, form) {
    return JSON.stringify(data(await client.functions.invoke(form.get('name'), { body: JSON.parse(form.get('body')) })), null, 2)
  },
}

async function createDashboard(client) {
  const { session } = data(await client.auth.getSession())
  const answer = await fetch('/api/v1/dashboards', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session?.access_token}` },
    body: JSON.stringify({ name: `Playground ${new Date().toISOString()}` }),
  })
  return `${answer.status} ${await answer.text()}`
}

async function subscribe(client, schema, table) {
  if (channel) {
    await client.removeChannel(channel)
  }
  await client.realtime.setAuth()
  return new Promise((resolve, reject) => {
    channel = client.channel('playground')
      .on('postgres_changes', { event: '*', schema, table }, show)
      // The join is answered before the feed of changes is attached; this tells of the feed.
      .on('system', {}, ({ status, message }) => (status === 'ok' ? resolve(message) : reject(new Error(message))))
      .subscribe((status, error) => error && reject(error))
  })
}

function show(frame) {
  const line = document.createElement('li')
  line.textContent = JSON.stringify(frame)
  document.getElementById('frames').append(line)
}

for (const form of document.forms) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const output = form.querySelector('output')
    output.textContent = '…'
    try {
      output.textContent = await acts[form.id](await connecting, new FormData(form), event.submitter?.value)
    } catch (error) {
      output.textContent = await words(error)
    }
  })
}
