# SPDX-License-Identifier: MIT
# Filters, encoders, muxers and decoders with two threads each; every frame's digest is printed.
set -euo pipefail
make="/usr/bin/ffmpeg -nostdin -hide_banner -loglevel error -threads 2 -filter_threads 2"
exact="-flags +bitexact -fflags +bitexact -map_metadata -1 -threads 2"
$make -f lavfi -i testsrc2=size=320x240:rate=25 -f lavfi -i sine=frequency=440:beep_factor=4 \
    -t 3 -vf "hue=s=2*t,rotate=t/5,boxblur=2,drawgrid=w=40:h=40" -af "aecho,tremolo,atempo=1.25" \
    $exact -c:v mpeg4 -g 12 -c:a aac one.mkv
$make -i one.mkv $exact -c:v mjpeg -q:v 4 -c:a flac two.mkv
$make -i two.mkv -vf "scale=200:-2,split[a][b];[a]hflip[c];[b][c]overlay=20:20" $exact -f framemd5 -
$make -i one.mkv -vn $exact -c:a pcm_s16le sound.wav
$make -i sound.wav -lavfi showspectrumpic=s=320x240 $exact picture.png
$make -i one.mkv -c copy $exact three.mp4
for file in one.mkv two.mkv three.mp4 sound.wav picture.png; do
    /usr/bin/ffprobe -loglevel error -show_entries stream=codec_name,nb_read_frames -count_frames \
        -of compact "$file"
done
