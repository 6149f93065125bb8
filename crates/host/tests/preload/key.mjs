const { default: keypair } = await import(process.argv[3]);
console.log(JSON.stringify(keypair()));
