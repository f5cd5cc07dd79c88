// SPDX-License-Identifier: MIT
// What a Java virtual machine does with signals and memory: null checks that are left to SIGSEGV in
// compiled loops, stacks that overflow and recover, collections by several threads, memory outside the
// heap, zlib. Every line printed is the same each time.

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

public class Checks {
    static class Node {
        int value;
        Node next;
    }

    // No test for null is compiled here: the processor finds it, and the handler makes the exception.
    static int sum(Node[] nodes) {
        int total = 0;
        for (Node node : nodes) {
            try {
                total += node.value;
            } catch (NullPointerException e) {
                total -= 1;
            }
        }
        return total;
    }

    static String nullChecks() {
        Node[] nodes = new Node[1000];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = new Node();
            nodes[i].value = i;
        }
        long total = 0;
        for (int round = 0; round < 3000; round++) {
            if (round % 100 == 50) {
                nodes[round % nodes.length] = null;
            }
            total += sum(nodes);
        }
        return "null checks " + total;
    }

    static int depth(int n) {
        return 1 + depth(n + 1);
    }

    static String overflows() {
        int caught = 0;
        for (int i = 0; i < 20; i++) {
            try {
                depth(0);
            } catch (StackOverflowError e) {
                caught++;
            }
        }
        return "stack overflows " + caught;
    }

    static long churn(int seed) {
        Random random = new Random(seed);
        Map<Integer, List<String>> map = new HashMap<>();
        for (int i = 0; i < 40000; i++) {
            map.computeIfAbsent(random.nextInt(500), k -> new ArrayList<>()).add("item " + i);
            if (i % 1000 == 999) {
                map.remove(random.nextInt(500));
            }
        }
        return map.values().stream().mapToLong(List::size).sum();
    }

    static long outside(int seed) {
        Random random = new Random(seed);
        List<ByteBuffer> buffers = new ArrayList<>();
        CRC32 crc = new CRC32();
        for (int i = 0; i < 200; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 + random.nextInt(50000));
            while (buffer.hasRemaining()) {
                buffer.put((byte) (i + buffer.position()));
            }
            buffer.flip();
            crc.update(buffer);
            buffers.add(buffer);
            if (buffers.size() > 50) {
                buffers.remove(random.nextInt(50));
            }
        }
        return crc.getValue();
    }

    static String zipped(int seed) throws Exception {
        byte[] text = IntStream.range(0, 30000).mapToObj(i -> "line " + i * seed % 977)
            .collect(Collectors.joining("\n")).getBytes("UTF-8");
        Deflater deflater = new Deflater(9);
        deflater.setInput(text);
        deflater.finish();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] buffer = new byte[777];
        while (!deflater.finished()) {
            packed.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        Inflater inflater = new Inflater();
        inflater.setInput(packed.toByteArray());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        while (!inflater.finished()) {
            digest.update(buffer, 0, inflater.inflate(buffer));
        }
        inflater.end();
        return packed.size() + " " + new java.math.BigInteger(1, digest.digest()).toString(16);
    }

    static <T> void parallel(String name, Callable<T>[] tasks) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        for (Future<T> future : pool.invokeAll(List.of(tasks))) {
            System.out.println(name + " " + future.get());
        }
        pool.shutdown();
    }

    interface Task {
        Object run(int seed) throws Exception;
    }

    @SuppressWarnings("unchecked")
    static Callable<Object>[] tasks(Task task) {
        return IntStream.range(1, 9).mapToObj(seed -> (Callable<Object>) () -> task.run(seed))
            .toArray(Callable[]::new);
    }

    public static void main(String[] args) throws Exception {
        System.out.println(nullChecks());
        System.out.println(overflows());
        parallel("null checks of a thread", tasks(seed -> nullChecks()));
        parallel("stack of a thread", tasks(seed -> overflows()));
        parallel("collected", tasks(Checks::churn));
        parallel("outside", tasks(Checks::outside));
        parallel("zipped", tasks(Checks::zipped));
        Process child = new ProcessBuilder("/usr/bin/sort", "words.txt").start();
        CRC32 crc = new CRC32();
        crc.update(child.getInputStream().readAllBytes());
        System.out.println("sorted " + crc.getValue() + " " + child.waitFor());
        System.exit(7);
    }
}
