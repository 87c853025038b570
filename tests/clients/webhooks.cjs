// A receiver of webhooks that verifies them with the published library:
//   node webhooks.cjs < SECRETS
// It reads secrets from standard input, a line each, prints its port, and for each event a line of JSON.
const http = require('http');
const readline = require('readline');
const {Webhook} = require('standardwebhooks');

const secrets = [];
readline.createInterface({input: process.stdin}).on('line', (secret) => secrets.push(secret));

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    const verified = secrets.map((secret) => {
      try {
        return new Webhook(secret).verify(body, request.headers);
      } catch (error) {
        return {refused: error.message};
      }
    });
    console.log(JSON.stringify({id: request.headers['webhook-id'], verified}));
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
