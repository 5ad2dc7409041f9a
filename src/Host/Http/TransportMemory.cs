using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Platform.Host.Http;

/// <summary>
/// The memory that the server receives into and sends from, in blocks of 32 KiB. The framework's own are of 4 KiB, and a file of 64 MiB
/// would be 16,384 system calls. A connection that is silent holds none (see <c>WaitForDataBeforeAllocatingBuffer</c>).
/// </summary>
internal sealed class TransportMemory : IMemoryPoolFactory<byte>
{
    private const int BlockSize = 32 * 1024;

    // What more connections than these have used at once is given back to the collector.
    private const int MaxKept = 256;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> _free = new();

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            return _free.TryDequeue(out var block) ? block : new Block(this);
        }

        protected override void Dispose(bool disposing) => _free.Clear();

        private void Return(Block block)
        {
            if (_free.Count < MaxKept)
            {
                _free.Enqueue(block);
            }
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            // Pinned for good, because the kernel writes to it and a pin a call would cost more.
            public Memory<byte> Memory { get; } =
                MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

            public void Dispose() => pool.Return(this);
        }
    }
}
