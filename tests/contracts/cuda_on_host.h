// Just enough of CUDA to run one grid of threads on a processor, one thread after the other.
// Compile with -ffp-contract=off: the operations that say how they round are then the processor's own.
#include <math.h>
#include <string.h>
#define __global__
#define __device__
#define __noinline__ __attribute__((noinline))
struct Place {
    unsigned x;
};
static Place blockIdx, threadIdx, gridDim, blockDim;
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline long long __double_as_longlong(double a) {
    long long w;
    memcpy(&w, &a, sizeof w);
    return w;
}
static inline double __longlong_as_double(long long w) {
    double a;
    memcpy(&a, &w, sizeof a);
    return a;
}
extern "C" void kernel(const double*, double*, const double*, long long, long long, long long, long long, double*);
extern "C" void grid(unsigned blocks, unsigned threads, const double* in, double* out, const double* uni, long long si,
                     long long so, long long lo, long long hi, double* s) {
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) kernel(in, out, uni, si, so, lo, hi, s);
}
