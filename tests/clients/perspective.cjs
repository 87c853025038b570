// A published client of the Perspective API against a running service:
//   node perspective.cjs CLIENT ADDRESS BODY
// It prints {"data": what the client gives} or {"status": ..., "error": what the service answered}.
const [client, address, body] = [process.argv[2], process.argv[3], JSON.parse(process.argv[4])];

const clients = {
  // What `googleapis` hands discoverAPI(url) to: conversationai-moderator's way.
  async 'googleapis-common'() {
    const {Discovery} = require('googleapis-common');
    const make = await new Discovery({}).discoverAPI(`${address}/$discovery/rest?version=v1alpha1`);
    const api = make({});
    return (await api.comments.analyze({key: 'any', requestBody: body})).data;
  },

  async 'perspective-api-client'() {
    // Google's address is a constant of the client, and so is replaced on the way out.
    const path = require.resolve('axios', {paths: [require.resolve('perspective-api-client')]});
    require(path).interceptors.request.use(config => {
      config.url = config.url.replace('https://commentanalyzer.googleapis.com', address);
      return config;
    });
    const Perspective = require('perspective-api-client');
    return new Perspective({apiKey: 'any'}).analyze(body);
  },

  // Coral's filter: `endpoint` is its setting, `path` what it adds to it.
  async coral() {
    const axios = require('axios');
    const {endpoint, path, ...request} = body;
    const url = new URL(address + endpoint);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    url.searchParams.set('key', 'any');
    const headers = {'Content-Type': 'application/json', 'User-Agent': 'Coral Perspective/9.11.8'};
    const answer = await axios.post(url.toString(), JSON.stringify(request), {headers, timeout: 10000, maxRedirects: 0});
    return answer.data;
  },
};

clients[client]().then(
  data => console.log(JSON.stringify({data})),
  error => {
    if (!error.response) throw error;
    console.log(JSON.stringify({status: error.response.status, error: error.response.data.error}));
  },
);
