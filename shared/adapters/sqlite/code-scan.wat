;; Dot products of a query with rows of int8 codes, two rows and eight values at a time. Query and rows are padded with zeros to
;; `stride`, a multiple of 16 bytes. The results are int32s, one for each row; an odd number of rows has one result more, of what follows
;; the last row.
(module
  (import "codes" "memory" (memory 1))
  (func $total (param $sum v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
  (func (export "scan") (param $query i32) (param $row i32) (param $rows i32) (param $stride i32) (param $out i32)
    (local $at i32)
    (local $end i32)
    (local $other i32)
    (local $one v128)
    (local $two v128)
    (local $a v128)
    (local $b v128)
    (local.set $end (i32.add (local.get $query) (local.get $stride)))
    (loop $nextRows
      (local.set $at (local.get $query))
      (local.set $other (i32.add (local.get $row) (local.get $stride)))
      (local.set $one (v128.const i32x4 0 0 0 0))
      (local.set $two (v128.const i32x4 0 0 0 0))
      (loop $next
        (local.set $a (v128.load8x8_s (local.get $at)))
        (local.set $b (v128.load8x8_s offset=8 (local.get $at)))
        (local.set $one (i32x4.add (local.get $one)
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $a) (v128.load8x8_s (local.get $row)))
            (i32x4.dot_i16x8_s (local.get $b) (v128.load8x8_s offset=8 (local.get $row))))))
        (local.set $two (i32x4.add (local.get $two)
          (i32x4.add
            (i32x4.dot_i16x8_s (local.get $a) (v128.load8x8_s (local.get $other)))
            (i32x4.dot_i16x8_s (local.get $b) (v128.load8x8_s offset=8 (local.get $other))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $row (i32.add (local.get $row) (i32.const 16)))
        (local.set $other (i32.add (local.get $other) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
      (i32.store (local.get $out) (call $total (local.get $one)))
      (i32.store offset=4 (local.get $out) (call $total (local.get $two)))
      (local.set $out (i32.add (local.get $out) (i32.const 8)))
      (local.set $row (local.get $other))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
      (br_if $nextRows (i32.gt_s (local.get $rows) (i32.const 0))))))
