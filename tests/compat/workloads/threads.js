// SPDX-License-Identifier: MIT
// Worker threads, child processes, compression, digests, buffers, JSON and files; every line printed is
// the same each time.
'use strict';
const {Worker, isMainThread, parentPort, workerData} = require('worker_threads');
const {execFileSync, spawn} = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const {promisify} = require('util');

const digest = data => crypto.createHash('sha256').update(data).digest('hex');

function randomly(seed) {
    let state = seed;
    return limit => (state = (state * 1103515245 + 12345) % 2147483648) % limit;
}

function work(seed) {
    const random = randomly(seed);
    const items = [];
    for (let i = 0; i < 20000; i++) {
        items.push({id: i, name: 'n' + random(1000), list: [random(9), random(9)]});
    }
    const text = JSON.stringify(items);
    const copy = JSON.parse(text).sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id);
    const packed = zlib.gzipSync(JSON.stringify(copy), {level: 6});
    const parts = [];
    for (let i = 0; i < 300; i++) {
        parts.push(Buffer.alloc(1 + random(5000), String(i)));
        parts[random(parts.length)] = Buffer.from('part ' + i);
    }
    return digest(zlib.gunzipSync(packed)) + ' ' + digest(Buffer.concat(parts));
}

async function main() {
    const workers = [1, 2, 3, 4].map(seed => new Promise((resolve, reject) => {
        const worker = new Worker(__filename, {workerData: seed});
        worker.once('message', resolve);
        worker.once('error', reject);
    }));
    for (const [i, result] of (await Promise.all(workers)).entries()) {
        console.log('worker', i, result);
    }

    const words = fs.readFileSync('words.txt');
    console.log('child', digest(execFileSync('/usr/bin/sort', ['words.txt'], {maxBuffer: 1e8})));
    const child = spawn('/usr/bin/tr', ['a-z', 'A-Z'], {stdio: ['pipe', 'pipe', 'inherit']});
    const said = [];
    child.stdout.on('data', data => said.push(data));
    const ended = new Promise(resolve => child.on('close', resolve));
    child.stdin.end(words);
    console.log('piped', await ended, digest(Buffer.concat(said)));

    for (const [name, pack, unpack] of [['deflate', zlib.deflate, zlib.inflate],
                                        ['brotli', zlib.brotliCompress, zlib.brotliDecompress]]) {
        const packed = await promisify(pack)(words);
        console.log(name, digest(await promisify(unpack)(packed)) === digest(words));
    }
    const key = crypto.scryptSync('password', 'salt', 32);
    const cipher = crypto.createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
    console.log('cipher', digest(Buffer.concat([cipher.update(words), cipher.final()])),
                cipher.getAuthTag().toString('hex'));
    const derived = [1, 2, 3, 4, 5, 6].map(i =>
        promisify(crypto.pbkdf2)('password', 'salt' + i, 2000, 64, 'sha512'));
    console.log('derived', digest(Buffer.concat(await Promise.all(derived))));

    fs.mkdirSync('made');
    await Promise.all([...Array(60).keys()].map(i =>
        fs.promises.writeFile(path.join('made', 'file' + i), String(i).repeat(i * 100 + 1))));
    const names = (await fs.promises.readdir('made')).sort();
    const contents = await Promise.all(names.map(name => fs.promises.readFile(path.join('made', name))));
    console.log('files', names.length, digest(Buffer.concat(contents)));
    console.log('matched', String(words).match(/\b(\w+)ing\b/g).length);
    process.exitCode = 6;
}

if (isMainThread) {
    main();
} else {
    parentPort.postMessage(work(workerData));
}
