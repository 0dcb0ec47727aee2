//! The instruction sets behind [`Lanes`], and which of them the processor has. All `unsafe` of the crate is here.
//!
//! What makes it sound:
//!
//! - Each type below is private to this file, and its first value is made by the one function that is compiled for its
//!   instruction set. Every other value is made from that one. So whoever holds a value runs on a processor that has the
//!   instructions.
//! - That function is called after the processor was asked.
//! - Registers and arrays of as many numbers are the same bytes in the same order.

#![allow(unsafe_code)]
#![allow(
    clippy::wildcard_imports,
    reason = "dozens of instructions, with names that nothing else has"
)]

use super::{Kernel, LANES, Lanes};
use std::mem::transmute;
use std::ops::{Add, Div, Mul, Sub};

/// Fetches numbers that are needed soon from memory, while something else is computed.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn prefetch(values: &[f64]) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // A cache line has as many as there are lanes.
    for value in values.iter().step_by(LANES) {
        // SAFETY: the place is one in memory, and nothing is read; every x86-64 processor has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
    }
}

/// Other processors are not asked: Rust has no stable name for it there.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn prefetch(_: &[f64]) {}

/// An array of what an operation makes of each register, given by its place.
macro_rules! per_register {
    (($($i:literal)*), |$place:ident| $operation:expr) => {
        // SAFETY: whoever calls an operation has a value, which shows that the processor has the instruction.
        [$({ let $place = $i; unsafe { $operation } }),*]
    };
}

/// A type of [`LANES`] numbers in several registers, each operation given by that for one register.
macro_rules! lanes {
    (
        $(#[$meta:meta])*
        $name:ident([$register:ty; $places:tt], $width:literal, fused: $fused:literal)
        splat($splat_x:ident) => $splat:expr;
        mul_add($fma_a:ident, $fma_b:ident, $fma_c:ident) => $mul_add:expr;
        negated_mul_add($fnma_a:ident, $fnma_b:ident, $fnma_c:ident) => $negated_mul_add:expr;
        if_less($less_a:ident, $less_b:ident, $less_t:ident, $less_e:ident) => $if_less:expr;
        operators { $($operator:ident::$operator_fn:ident($oa:ident, $ob:ident) => $operate:expr;)* }
        binary { $($binary_fn:ident($ba:ident, $bb:ident) => $binary:expr;)* }
        unary { $($unary_fn:ident($ua:ident) => $unary:expr;)* }
        $(evens_and_odds($evens_a:ident, $evens_b:ident) => $evens_and_odds:expr;)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(super) struct $name([$register; LANES / $width]);

        impl Lanes for $name {
            const FUSED: bool = $fused;
            const ONE_REGISTER: bool = $width == LANES;

            #[inline(always)]
            fn splat(self, $splat_x: f64) -> Self {
                Self(per_register!($places, |_i| $splat))
            }

            // No load or store instruction by name: those go through pointers, which a build with debug assertions checks.
            #[inline(always)]
            fn load(self, values: &[f64; LANES]) -> Self {
                // SAFETY: as many numbers, in the order of their lanes, and every bit pattern is a number.
                Self(unsafe { transmute::<[f64; LANES], [$register; LANES / $width]>(*values) })
            }

            #[inline(always)]
            fn store(self, values: &mut [f64; LANES]) {
                // SAFETY: as for `load`.
                *values = unsafe { transmute::<[$register; LANES / $width], [f64; LANES]>(self.0) };
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                Self(per_register!($places, |i| {
                    let ($fma_a, $fma_b, $fma_c) = (self.0[i], factor.0[i], term.0[i]);
                    $mul_add
                }))
            }

            #[inline(always)]
            fn negated_mul_add(self, factor: Self, term: Self) -> Self {
                Self(per_register!($places, |i| {
                    let ($fnma_a, $fnma_b, $fnma_c) = (self.0[i], factor.0[i], term.0[i]);
                    $negated_mul_add
                }))
            }

            #[inline(always)]
            fn if_less(self, bound: Self, then: Self, otherwise: Self) -> Self {
                Self(per_register!($places, |i| {
                    let ($less_a, $less_b) = (self.0[i], bound.0[i]);
                    let ($less_t, $less_e) = (then.0[i], otherwise.0[i]);
                    $if_less
                }))
            }

            $(
                #[inline(always)]
                fn $binary_fn(self, other: Self) -> Self {
                    Self(per_register!($places, |i| {
                        let ($ba, $bb) = (self.0[i], other.0[i]);
                        $binary
                    }))
                }
            )*

            $(
                #[inline(always)]
                fn $unary_fn(self) -> Self {
                    Self(per_register!($places, |i| {
                        let $ua = self.0[i];
                        $unary
                    }))
                }
            )*

            $(
                #[inline(always)]
                fn evens_and_odds(self, next: Self) -> (Self, Self) {
                    let ([$evens_a], [$evens_b]) = (self.0, next.0);
                    // SAFETY: as for every operation.
                    let (evens, odds) = unsafe { $evens_and_odds };
                    (Self([evens]), Self([odds]))
                }
            )?
        }

        $(
            impl $operator for $name {
                type Output = Self;

                #[inline(always)]
                fn $operator_fn(self, other: Self) -> Self {
                    Self(per_register!($places, |i| {
                        let ($oa, $ob) = (self.0[i], other.0[i]);
                        $operate
                    }))
                }
            }
        )*
    };
}

/// Runs the kernel with the best instructions of this processor.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor was just asked.
        unsafe { x86_64::avx512(kernel) }
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor was just asked.
        unsafe { x86_64::avx2(kernel) }
    } else {
        x86_64::sse2(kernel)
    }
}

/// Runs the kernel with the instructions that every processor of this kind has.
#[cfg(target_arch = "aarch64")]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    aarch64::neon(kernel)
}

/// Runs the kernel one number after the other.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    portable(kernel)
}

/// Those that round a product and a sum at once.
#[cfg(test)]
pub(crate) const FUSED: [&str; 3] = ["AVX2", "AVX-512", "NEON"];

/// What the kernel comes to with each of the instruction sets that this processor has.
#[cfg(test)]
pub(crate) fn run_on_each<K: Kernel + Clone>(kernel: K) -> Vec<(&'static str, K::Output)> {
    let mut results = vec![("portable", portable(kernel.clone()))];
    #[cfg(target_arch = "x86_64")]
    {
        results.push(("SSE2", x86_64::sse2(kernel.clone())));
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor was just asked.
            results.push(("AVX2", unsafe { x86_64::avx2(kernel.clone()) }));
        }
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor was just asked.
            results.push(("AVX-512", unsafe { x86_64::avx512(kernel) }));
        }
    }
    #[cfg(target_arch = "aarch64")]
    results.push(("NEON", aarch64::neon(kernel)));
    results
}

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn portable<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(portable::Portable::ZERO)
}

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[allow(unused_unsafe, clippy::useless_transmute, reason = "its registers are plain numbers")]
mod portable {
    use super::{Add, Div, LANES, Lanes, Mul, Sub, transmute};

    impl Portable {
        /// Every processor has these.
        pub(super) const ZERO: Self = Self([0.0; LANES]);
    }

    lanes! {
        /// One number after the other, with what any processor has. No fused products: without hardware for them they
        /// are many times as slow as rounded ones.
        Portable([f64; (0 1 2 3 4 5 6 7)], 1, fused: false)
        splat(x) => x;
        mul_add(a, b, c) => a * b + c;
        negated_mul_add(a, b, c) => c - a * b;
        if_less(a, b, t, e) => if a < b { t } else { e };
        operators {
            Add::add(a, b) => a + b;
            Sub::sub(a, b) => a - b;
            Mul::mul(a, b) => a * b;
            Div::div(a, b) => a / b;
        }
        binary {
            max(a, b) => if a > b { a } else { b };
            min(a, b) => if a < b { a } else { b };
            bits_add(a, b) => f64::from_bits(a.to_bits().wrapping_add(b.to_bits()));
            bits_sub(a, b) => f64::from_bits(a.to_bits().wrapping_sub(b.to_bits()));
            bits_and(a, b) => f64::from_bits(a.to_bits() & b.to_bits());
            bits_or(a, b) => f64::from_bits(a.to_bits() | b.to_bits());
        }
        unary {
            bits_half(a) => f64::from_bits(a.to_bits() >> 1);
            exponent_to_bits(a) => f64::from_bits(a.to_bits() >> 52);
            bits_to_exponent(a) => f64::from_bits(a.to_bits() << 52);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::{Add, Div, Kernel, LANES, Lanes, Mul, Sub, transmute};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx512([_mm512_setzero_pd()]))
    }

    /// Every processor of this kind has SSE2.
    pub(super) fn sse2<K: Kernel>(kernel: K) -> K::Output {
        // SAFETY: as said.
        kernel.run(Sse2([unsafe { _mm_setzero_pd() }; 4]))
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx2([_mm256_setzero_pd(); 2]))
    }

    /// The register as whole numbers, through an operation on them, and back.
    macro_rules! bits512 {
        ($operation:expr, $($a:ident),*) => {
            _mm512_castsi512_pd($operation($(_mm512_castpd_si512($a)),*))
        };
    }

    macro_rules! bits256 {
        ($operation:expr, $($a:ident),*) => {
            _mm256_castsi256_pd($operation($(_mm256_castpd_si256($a)),*))
        };
    }

    lanes! {
        /// One register of AVX-512.
        Avx512([__m512d; (0)], 8, fused: true)
        splat(x) => _mm512_set1_pd(x);
        mul_add(a, b, c) => _mm512_fmadd_pd(a, b, c);
        negated_mul_add(a, b, c) => _mm512_fnmadd_pd(a, b, c);
        if_less(a, b, t, e) => _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b), e, t);
        operators {
            Add::add(a, b) => _mm512_add_pd(a, b);
            Sub::sub(a, b) => _mm512_sub_pd(a, b);
            Mul::mul(a, b) => _mm512_mul_pd(a, b);
            Div::div(a, b) => _mm512_div_pd(a, b);
        }
        binary {
            max(a, b) => _mm512_max_pd(a, b);
            min(a, b) => _mm512_min_pd(a, b);
            bits_add(a, b) => bits512!(_mm512_add_epi64, a, b);
            bits_sub(a, b) => bits512!(_mm512_sub_epi64, a, b);
            bits_and(a, b) => bits512!(_mm512_and_si512, a, b);
            bits_or(a, b) => bits512!(_mm512_or_si512, a, b);
        }
        unary {
            bits_half(a) => bits512!(_mm512_srli_epi64::<1>, a);
            exponent_to_bits(a) => bits512!(_mm512_srli_epi64::<52>, a);
            bits_to_exponent(a) => bits512!(_mm512_slli_epi64::<52>, a);
        }
        evens_and_odds(a, b) => {
            // Lanes from 8 on are the second one's.
            let evens = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
            let odds = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
            (_mm512_permutex2var_pd(a, evens, b), _mm512_permutex2var_pd(a, odds, b))
        };
    }

    macro_rules! bits128 {
        ($operation:expr, $($a:ident),*) => {
            _mm_castsi128_pd($operation($(_mm_castpd_si128($a)),*))
        };
    }

    lanes! {
        /// Four registers of SSE2.
        Sse2([__m128d; (0 1 2 3)], 2, fused: false)
        splat(x) => _mm_set1_pd(x);
        mul_add(a, b, c) => _mm_add_pd(_mm_mul_pd(a, b), c);
        negated_mul_add(a, b, c) => _mm_sub_pd(c, _mm_mul_pd(a, b));
        if_less(a, b, t, e) => {
            let less = _mm_cmplt_pd(a, b);
            _mm_or_pd(_mm_and_pd(less, t), _mm_andnot_pd(less, e))
        };
        operators {
            Add::add(a, b) => _mm_add_pd(a, b);
            Sub::sub(a, b) => _mm_sub_pd(a, b);
            Mul::mul(a, b) => _mm_mul_pd(a, b);
            Div::div(a, b) => _mm_div_pd(a, b);
        }
        binary {
            max(a, b) => _mm_max_pd(a, b);
            min(a, b) => _mm_min_pd(a, b);
            bits_add(a, b) => bits128!(_mm_add_epi64, a, b);
            bits_sub(a, b) => bits128!(_mm_sub_epi64, a, b);
            bits_and(a, b) => bits128!(_mm_and_si128, a, b);
            bits_or(a, b) => bits128!(_mm_or_si128, a, b);
        }
        unary {
            bits_half(a) => bits128!(_mm_srli_epi64::<1>, a);
            exponent_to_bits(a) => bits128!(_mm_srli_epi64::<52>, a);
            bits_to_exponent(a) => bits128!(_mm_slli_epi64::<52>, a);
        }
    }

    lanes! {
        /// Two registers of AVX2.
        Avx2([__m256d; (0 1)], 4, fused: true)
        splat(x) => _mm256_set1_pd(x);
        mul_add(a, b, c) => _mm256_fmadd_pd(a, b, c);
        negated_mul_add(a, b, c) => _mm256_fnmadd_pd(a, b, c);
        if_less(a, b, t, e) => _mm256_blendv_pd(e, t, _mm256_cmp_pd::<_CMP_LT_OQ>(a, b));
        operators {
            Add::add(a, b) => _mm256_add_pd(a, b);
            Sub::sub(a, b) => _mm256_sub_pd(a, b);
            Mul::mul(a, b) => _mm256_mul_pd(a, b);
            Div::div(a, b) => _mm256_div_pd(a, b);
        }
        binary {
            max(a, b) => _mm256_max_pd(a, b);
            min(a, b) => _mm256_min_pd(a, b);
            bits_add(a, b) => bits256!(_mm256_add_epi64, a, b);
            bits_sub(a, b) => bits256!(_mm256_sub_epi64, a, b);
            bits_and(a, b) => bits256!(_mm256_and_si256, a, b);
            bits_or(a, b) => bits256!(_mm256_or_si256, a, b);
        }
        unary {
            bits_half(a) => bits256!(_mm256_srli_epi64::<1>, a);
            exponent_to_bits(a) => bits256!(_mm256_srli_epi64::<52>, a);
            bits_to_exponent(a) => bits256!(_mm256_slli_epi64::<52>, a);
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod aarch64 {
    use super::{Add, Div, Kernel, LANES, Lanes, Mul, Sub, transmute};
    use std::arch::aarch64::*;

    pub(super) fn neon<K: Kernel>(kernel: K) -> K::Output {
        // SAFETY: NEON belongs to the architecture.
        kernel.run(Neon([unsafe { vdupq_n_f64(0.0) }; 4]))
    }

    /// The register as whole numbers, through an operation on them, and back.
    macro_rules! bits {
        ($operation:expr, $($a:ident),*) => {
            vreinterpretq_f64_u64($operation($(vreinterpretq_u64_f64($a)),*))
        };
    }

    lanes! {
        /// Four registers of NEON.
        Neon([float64x2_t; (0 1 2 3)], 2, fused: true)
        splat(x) => vdupq_n_f64(x);
        mul_add(a, b, c) => vfmaq_f64(c, a, b);
        negated_mul_add(a, b, c) => vfmsq_f64(c, a, b);
        if_less(a, b, t, e) => vbslq_f64(vcltq_f64(a, b), t, e);
        operators {
            Add::add(a, b) => vaddq_f64(a, b);
            Sub::sub(a, b) => vsubq_f64(a, b);
            Mul::mul(a, b) => vmulq_f64(a, b);
            Div::div(a, b) => vdivq_f64(a, b);
        }
        binary {
            // Not `vmaxq_f64` and `vminq_f64`, which make NaN of a NaN on either side.
            max(a, b) => vbslq_f64(vcgtq_f64(a, b), a, b);
            min(a, b) => vbslq_f64(vcltq_f64(a, b), a, b);
            bits_add(a, b) => bits!(vaddq_u64, a, b);
            bits_sub(a, b) => bits!(vsubq_u64, a, b);
            bits_and(a, b) => bits!(vandq_u64, a, b);
            bits_or(a, b) => bits!(vorrq_u64, a, b);
        }
        unary {
            bits_half(a) => bits!(vshrq_n_u64::<1>, a);
            exponent_to_bits(a) => bits!(vshrq_n_u64::<52>, a);
            bits_to_exponent(a) => bits!(vshlq_n_u64::<52>, a);
        }
    }
}
