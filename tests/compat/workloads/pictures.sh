# SPDX-License-Identifier: MIT
# Pictures made, changed, written in several formats and read again; digests of the pixels are printed.
set -euo pipefail
export MAGICK_THREAD_LIMIT=2
convert() {
    /usr/bin/convert "${@:1:$#-1}" -define png:exclude-chunks=date,tIME "${!#}"
}
convert -size 300x200 -seed 5 plasma:red-blue -blur 0x2 -resize 150% one.png
convert one.png -rotate 17 -implode 0.3 -level 10%,80% two.png
convert two.png -colors 32 -dither FloydSteinberg three.gif
convert one.png -quality 80 -sampling-factor 4:2:0 four.jpg
convert one.png two.png three.gif -resize 100x100! +append -bordercolor gray -border 5 five.tif
convert -size 200x200 gradient:white-black -fx 'sin(u*9)*0.5+0.5' -morphology Dilate Disk:2 six.png
for file in one.png two.png three.gif four.jpg five.tif six.png; do
    /usr/bin/identify -format '%f %m %wx%h %#\n' "$file"
done
