// SPDX-License-Identifier: Apache-2.0
// Runs the published TensorFlow.js graph of NanoDet-g on one normalised input and writes its raw outputs.
//   node run_tfjs_detector.mjs nanodet.json input.f32 output-folder
// input.f32 holds [1, 3, 416, 416] little-endian floats. Each output becomes NAME.f32 with its shape in outputs.json.
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import path from 'node:path';

const [modelPath, inputPath, outputFolder] = process.argv.slice(2);

// Our name -> the graph's tensor, all before any activation but the scores, which the graph passes through a sigmoid.
const outputs = {
  neck_8: 'PartitionedCall/onnx_tf_prefix_Add_107',
  neck_16: 'PartitionedCall/onnx_tf_prefix_Add_128',
  neck_32: 'PartitionedCall/onnx_tf_prefix_Add_149',
  scores_8: 'Identity',
  scores_16: 'Identity_1',
  scores_32: 'Identity_2',
  distribution_8: 'Identity_3',
  distribution_16: 'Identity_4',
  distribution_32: 'Identity_5',
};

const toArrayBuffer = (buffer) =>
  buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);

function fileHandler(jsonPath) {
  return {
    load: async () => {
      const model = JSON.parse(fs.readFileSync(jsonPath, 'utf8'));
      const files = model.weightsManifest.flatMap((group) => group.paths);
      const data = files.map((name) => fs.readFileSync(path.join(path.dirname(jsonPath), name)));
      return {
        modelTopology: model.modelTopology,
        weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
        weightData: toArrayBuffer(Buffer.concat(data)),
        format: model.format,
        signature: model.signature,
      };
    },
  };
}

await tf.setBackend('cpu');
const model = await tf.loadGraphModel(fileHandler(modelPath));
const values = new Float32Array(toArrayBuffer(fs.readFileSync(inputPath)));
const input = tf.tensor(values, [1, 3, 416, 416]);
const results = model.execute(input, Object.values(outputs));
const shapes = {};
Object.keys(outputs).forEach((name, i) => {
  shapes[name] = results[i].shape;
  fs.writeFileSync(path.join(outputFolder, `${name}.f32`), Buffer.from(results[i].dataSync().buffer));
});
fs.writeFileSync(path.join(outputFolder, 'outputs.json'), JSON.stringify({ version: tf.version.tfjs, shapes }));
