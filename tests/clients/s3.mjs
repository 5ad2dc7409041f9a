// An S3 server with one empty bucket, for the tests of the back end. Says its address, and ends when its standard input does.
import { createRequire } from 'node:module'

const S3rver = createRequire(import.meta.url)('s3rver')
const [directory, bucket] = process.argv.slice(2)
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: bucket }] })
const { address, port } = await server.run()
console.log(`http://${address}:${port}`)
process.stdin.resume().on('end', () => process.exit(0))
