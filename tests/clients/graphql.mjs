// A GraphQL endpoint (graphql-js over plain HTTP) for the tests of connectors: 25 orders, as a list and as a connection with pages.
// Says its address, and ends when its standard input does.
import { createServer } from 'node:http'
import { buildSchema, graphql, GraphQLError } from 'graphql'

const schema = buildSchema(`
  type Query {
    orders(first: Int = 10, after: String): OrderConnection!
    customers: [Customer!]!
    order(id: Int!): Order
    secret: [Customer!]
    broken: [Customer!]
    circle(after: String): OrderConnection!
    dropped: Int!
  }
  type Mutation { drop: Boolean }
  type OrderConnection { nodes: [Order!]! edges: [OrderEdge!]! pageInfo: PageInfo! }
  type OrderEdge { cursor: String! node: Order! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Order { id: Int! total: Float paid: Boolean! note: String tags: [String!]! customer: Customer! }
  type Customer { id: ID! name: String! }
`)

let dropped = 0
const customers = ['ann', 'bob', 'eve'].map((name, id) => ({ id: String(id), name }))
const orders = Array.from({ length: 25 }, (_, index) => ({
  id: index + 1, total: (index + 1) * 1.5, paid: index % 2 === 0, note: index ? 'n' : null, tags: ['x'], customer: customers[index % 3],
}))
const connection = (items, hasNextPage) => ({
  nodes: items,
  edges: items.map(node => ({ cursor: String(node.id), node })),
  pageInfo: { hasNextPage, endCursor: items.length ? String(items.at(-1).id) : null },
})
const rootValue = {
  orders: ({ first, after }) => connection(orders.slice(Number(after ?? 0)).slice(0, first), Number(after ?? 0) + first < orders.length),
  customers,
  order: ({ id }) => orders.find(order => order.id === id) ?? null,
  secret: () => { throw new GraphQLError('not for you', { extensions: { code: 'FORBIDDEN' } }) },
  broken: () => { throw new Error('it broke') },
  circle: () => connection(orders.slice(0, 1), true),
  drop: () => { dropped++; return true },
  dropped: () => dropped,
}

const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  if (request.headers.authorization !== 'Bearer good') return response.writeHead(401).end()
  const { query, variables } = JSON.parse(body)
  const result = await graphql({ schema, source: query, rootValue, variableValues: variables })
  response.writeHead(result.data === undefined ? 400 : 200, { 'content-type': 'application/graphql-response+json' })
  response.end(JSON.stringify(result))
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.stdin.resume().on('end', () => process.exit(0))
