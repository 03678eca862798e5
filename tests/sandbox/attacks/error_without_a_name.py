# DESC: exceptions whose class has no usable name, text or traceback
# EXPECT: runtime_error|exited_early|payload_invalid
class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit("zygote_lost")

    def __instancecheck__(cls, other):
        return True

    def __subclasscheck__(cls, other):
        return True


class Evil(Exception, metaclass=Meta):
    def __str__(self):
        raise KeyboardInterrupt

    def with_traceback(self, trace):
        return self

    @property
    def __traceback__(self):
        return self

    tb_frame = tb_next = property(lambda self: self)


raise Evil
